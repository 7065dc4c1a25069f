import { fail, pass, skip, warn, type ClaimsCheck } from "../check.ts"
import { length, readSeconds, toleranceOf } from "../seconds.ts"

/** V18: required for access and ID tokens. */
export const expiry: ClaimsCheck = {
  name: "expiry",
  title: "Not expired",
  source: "RFC 7519 section 4.1.4; RFC 9068 section 2.2",
  layer: "claims",
  run: ({ claims: { exp, iat } }, context) => {
    const { now, use = "access", lifetimeMax } = context
    if (exp === undefined)
      return use === "logout"
        ? skip("The token names no end; a logout token need not.")
        : fail("The token has no exp: it would live for ever.")
    const end = readSeconds(exp)
    if (typeof end === "string") return fail(`exp ${end}.`)
    const tolerance = toleranceOf(context)
    if (now >= end + tolerance) return fail(`Expired ${length(now - end)} ago, tolerance ${length(tolerance)}.`)
    if (now >= end) return warn(`Expired ${length(now - end)} ago, within the tolerance of ${length(tolerance)}.`)
    const start = readSeconds(iat)
    if (lifetimeMax !== undefined && typeof start === "number" && end - start > lifetimeMax) {
      return warn(`Lives for ${length(end - start)}, longer than this issuer's longest, ${length(lifetimeMax)}.`)
    }
    return pass(`Expires in ${length(end - now)}.`)
  },
}
