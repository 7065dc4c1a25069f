import { fail, pass, type JwsCheck } from "../check.ts"

/** The decoder has done the work: whoever comes here is a compact JWS in its one spelling. What is left is `crit` (V4). */
export const structure: JwsCheck = {
  name: "structure",
  title: "Well formed",
  source: "RFC 7515 sections 4.1.11 and 7.1",
  layer: "jws",
  run: ({ header }) =>
    "crit" in header
      ? fail("The header demands extensions (crit); we implement none, so the token must be refused.")
      : pass(
          "Three segments, each in its only base64url spelling; the header is one JSON object without duplicate members.",
        ),
}
