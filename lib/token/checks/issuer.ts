import { fail, pass, skip, type ClaimsCheck } from "../check.ts"
import { quote } from "../keys.ts"
import { nearMiss } from "../near-miss.ts"

/** V17: the exact string, from the registry. */
export const issuer: ClaimsCheck = {
  name: "issuer",
  title: "Issuer",
  source: "RFC 7519 section 4.1.1; RFC 8725 section 3.8; RFC 9068 section 4",
  layer: "claims",
  run: ({ claims: { iss } }, { issuer: expected }) => {
    if (iss !== undefined && typeof iss !== "string") return fail("iss is not a string.")
    if (expected === undefined)
      return skip(
        iss === undefined
          ? "The token names no issuer, and none is expected."
          : `The token says ${quote(iss)}; no expected issuer is known.`,
      )
    if (iss === undefined) return fail(`The token names no issuer, expected ${quote(expected)}.`)
    if (iss === expected) return pass(`Issued by ${quote(iss)}, as expected.`)
    const hint = nearMiss(iss, expected)
    return fail(`Issued by ${quote(iss)}, expected ${quote(expected)}.${hint === null ? "" : ` ${hint}`}`)
  },
}
