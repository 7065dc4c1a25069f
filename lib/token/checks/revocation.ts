import { fail, pass, skip, warn, type ClaimsCheck } from "../check.ts"

/** V24. */
export const revocation: ClaimsCheck = {
  name: "revocation",
  title: "Not revoked",
  source: "RFC 7009; RFC 7662 section 2.2",
  layer: "claims",
  run: (_, { introspection }) => {
    if (introspection === undefined)
      return skip("Not checked: an offline check passes a revoked token. Introspect it to know.")
    if (introspection.active) return pass("The issuer says that the token is active.")
    return introspection.askerInAudience
      ? fail("The issuer says that the token is not active: revoked, expired or never issued.")
      : warn("The issuer says not active, but we are not in the token's audience: that is no proof of a bad token.")
  },
}
