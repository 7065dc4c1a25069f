import { callerOf } from "../caller.ts"
import { fail, pass, skip, warn, type ClaimsCheck } from "../check.ts"
import { quote } from "../keys.ts"

export const client: ClaimsCheck = {
  name: "client",
  title: "Service client",
  source: "RFC 9068 section 2.2; OpenID Connect Core 1.0 section 2 (azp)",
  layer: "claims",
  run: ({ claims }, { client: registered }) => {
    const { azp, client_id: clientId } = claims
    const caller = callerOf(claims)
    if (typeof azp === "string" && typeof clientId === "string" && azp !== clientId) {
      return fail(`azp names ${quote(azp)} and client_id names ${quote(clientId)}: two callers.`)
    }
    if (caller === null)
      return registered === undefined
        ? skip("The token names no client.")
        : warn("The token names no client: nothing to look up in the registry.")
    if (registered === undefined) return skip(`Called by ${quote(caller)}; the registry was not asked.`)
    if (registered === null)
      return warn(`Called by ${quote(caller)}, which is no service client of the registry at this provider.`)
    return registered.enabled
      ? pass(`Called by ${quote(caller)}, registered as ${quote(registered.name)}.`)
      : fail(`Called by ${quote(caller)}; the registry has disabled ${quote(registered.name)}.`)
  },
}
