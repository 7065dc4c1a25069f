import { fail, pass, skip, warn, type ClaimsCheck } from "../check.ts"
import { length, readSeconds, toleranceOf } from "../seconds.ts"

export const issuedAt: ClaimsCheck = {
  name: "issued_at",
  title: "Issued in the past",
  source: "RFC 7519 section 4.1.6; RFC 9068 section 2.2",
  layer: "claims",
  run: ({ claims: { iat } }, context) => {
    if (iat === undefined) return skip("The token does not say when it was issued (iat).")
    const issued = readSeconds(iat)
    if (typeof issued === "string") return fail(`iat ${issued}.`)
    const { now, lifetimeMax } = context
    const tolerance = toleranceOf(context)
    if (issued > now + tolerance)
      return fail(`Issued ${length(issued - now)} in the future, tolerance ${length(tolerance)}.`)
    if (lifetimeMax !== undefined && now - issued > lifetimeMax + tolerance) {
      return warn(
        `Issued ${length(now - issued)} ago, longer than this issuer's longest lifetime, ${length(lifetimeMax)}.`,
      )
    }
    return pass(`Issued ${length(now - issued)} ago.`)
  },
}
