import { fail, pass, skip, type ClaimsCheck } from "../check.ts"
import { length, readSeconds, toleranceOf } from "../seconds.ts"

export const notBefore: ClaimsCheck = {
  name: "not_before",
  title: "Already valid",
  source: "RFC 7519 section 4.1.5",
  layer: "claims",
  run: ({ claims: { nbf } }, context) => {
    if (nbf === undefined) return skip("The token has no nbf: it is valid from the start.")
    const start = readSeconds(nbf)
    if (typeof start === "string") return fail(`nbf ${start}.`)
    const tolerance = toleranceOf(context)
    return start > context.now + tolerance
      ? fail(`Valid only in ${length(start - context.now)}, tolerance ${length(tolerance)}.`)
      : pass(
          start > context.now
            ? `Valid in ${length(start - context.now)}, within the tolerance of ${length(tolerance)}.`
            : `Valid since ${length(context.now - start)}.`,
        )
  },
}
