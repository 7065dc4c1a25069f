import "server-only"
import { scopesOf } from "../token/scopes.ts"
import { keySets } from "./queries.ts"
import { registryReads } from "./store.ts"
import { judgeToken } from "./verdict.ts"

export interface AccessTokenHolder {
  readonly clientId: string
  readonly clientName: string
  readonly scopes: readonly string[]
}

/**
 * Grantry as a resource server, by the rules it preaches: an access token of a connected provider, for the audience
 * `audience`, of an enabled client of the registry. Null for every other token; why is nobody's business here.
 */
export async function accessTokenHolder(token: string, audience: string): Promise<AccessTokenHolder | null> {
  const answer = await judgeToken(
    { token, audience },
    null,
    { registry: registryReads, keySets: keySets() },
    Date.now(),
  )
  const { client, keys } = answer.registry
  if (answer.verdict !== "valid" || keys?.from !== "issuer" || !client?.enabled || !answer.claims) return null
  const granted = new Set(answer.registry.granted_scopes ?? [])
  return {
    clientId: client.id,
    clientName: client.name,
    scopes: [...scopesOf(answer.claims).scopes].filter((scope) => granted.has(scope)),
  }
}
