import { fail, pass, type JwsCheck } from "../check.ts"

/** V3 for the payload. A correct signature may cover octets that are no claims: then both are said. */
export const claims: JwsCheck = {
  name: "claims",
  title: "Claims readable",
  source: "RFC 7519 sections 4 and 7.2; RFC 8725 section 2.6",
  layer: "payload",
  run: ({ token }) =>
    token.payload.claims === null
      ? fail(token.payload.problem)
      : pass("The payload is one JSON object in UTF-8 without duplicate members."),
}
