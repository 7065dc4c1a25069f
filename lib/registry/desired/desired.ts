import type { Json } from "../../base/json.ts"
import { grantKey, type DesiredObject } from "../../connectors/objects.ts"

/** What the registry holds about one provider, read in one snapshot. */
export interface Wanted {
  readonly clients: readonly {
    readonly id: string
    readonly name: string
    readonly display_name: string
    readonly owner: string
    readonly auth_method: string
    readonly jwks: Json
    readonly enabled: boolean
  }[]
  readonly audiences: readonly {
    readonly id: string
    readonly identifier: string
    readonly name: string
    readonly token_ttl_seconds: number
    readonly token_format: string
    readonly signing_alg: string
    readonly scopes: readonly { readonly name: string; readonly description: string }[]
  }[]
  readonly grants: readonly {
    readonly client_id: string
    readonly audience_id: string
    readonly scopes: readonly string[]
    readonly expires_at: Date | null
  }[]
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * What should stand on a provider, in the order of creation: audiences, clients, grants. Pure. A grant past its end is
 * out; a disabled client stays, with `enabled: false`, and keeps its grants, so that enabling it brings all of it back.
 */
export function desired(wanted: Wanted, now: Date): DesiredObject[] {
  const clients = new Map(wanted.clients.map((c) => [c.id, c.name]))
  const audiences = new Map(wanted.audiences.map((a) => [a.id, a.identifier]))
  const grants = wanted.grants.flatMap((g): DesiredObject[] => {
    const client = clients.get(g.client_id)
    const audience = audiences.get(g.audience_id)
    if (client === undefined || audience === undefined || (g.expires_at !== null && g.expires_at <= now)) return []
    return [{ kind: "grant", key: grantKey(client, audience), fields: { scopes: [...g.scopes].sort(byText) } }]
  })
  return [
    ...wanted.audiences.map(audienceObject).sort((a, b) => byText(a.key, b.key)),
    ...wanted.clients.map(clientObject).sort((a, b) => byText(a.key, b.key)),
    ...grants.sort((a, b) => byText(a.key, b.key)),
  ]
}

const audienceObject = (a: Wanted["audiences"][number]): DesiredObject => ({
  kind: "audience",
  key: a.identifier,
  fields: {
    name: a.name,
    scopes: a.scopes.map(({ name, description }) => ({ name, description })).sort((x, y) => byText(x.name, y.name)),
    token_ttl_seconds: a.token_ttl_seconds,
    token_format: a.token_format,
    signing_alg: a.signing_alg,
  },
})

const clientObject = (c: Wanted["clients"][number]): DesiredObject => ({
  kind: "client",
  key: c.name,
  fields: {
    display_name: c.display_name,
    owner: c.owner,
    auth_method: c.auth_method,
    jwks: c.jwks,
    enabled: c.enabled,
  },
})
