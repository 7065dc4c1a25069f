import { ConnectorError } from "../connector-error.ts"
import { grantKey, splitGrantKey, type DesiredObject, type RemoteObject } from "../objects.ts"
import { goneIsDone } from "../gone.ts"
import type { Api } from "./api.ts"
import type { Audiences } from "./audiences.ts"
import type { Clients } from "./clients.ts"
import { listAll } from "./list.ts"
import { remoteGrant, type RemoteApi, type RemoteClient, type RemoteGrant } from "./shapes.ts"

export interface Grants {
  observe(clients: ReadonlyMap<string, RemoteClient>, audiences: readonly RemoteApi[]): Promise<readonly RemoteObject[]>
  find(key: string): Promise<RemoteObject | null>
  create(object: DesiredObject): Promise<RemoteObject>
  update(remoteId: string, object: DesiredObject): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
}

/**
 * What removes and updates need is the pair, not Auth0's id of the grant: that one changes when somebody switches the grant
 * off and on in the dashboard. A client_id holds no space.
 */
const remoteIdOf = (grant: RemoteGrant): string => `${grant.client_id} ${grant.audience}`

/** Client grants for services (`subject_type` client). Users' grants on the same API are another object and not ours. */
export function grantsPort(api: Api, clients: Clients, audiences: Audiences, ownClientId: string): Grants {
  const list = (query: Readonly<Record<string, string>>): Promise<readonly RemoteGrant[]> =>
    listAll(
      api,
      {
        path: "/client-grants",
        name: "client_grants",
        query: { ...query, subject_type: "client" },
        paging: "checkpoint",
      },
      remoteGrant,
    )

  /** Filtered here again: never trust a filter of the other side (providers.md 0.4). */
  async function current(clientId: string, audience: string): Promise<RemoteGrant | null> {
    const found = await list({ client_id: clientId, audience })
    return found.find((one) => one.client_id === clientId && one.audience === audience && isOurs(one)) ?? null
  }

  const byRemoteId = async (remoteId: string, step: string): Promise<RemoteGrant | null> => {
    const { client, audience } = splitGrantKey(remoteId)
    if (client === ownClientId)
      throw new ConnectorError("unsupported", step, "This grant is the one by which Grantry itself is let in.")
    return await current(client, audience)
  }

  const scopesOf = async (grant: RemoteGrant): Promise<readonly string[] | null> =>
    effective(grant, grant.allow_all_scopes === true ? await audiences.byIdentifier(grant.audience) : null)

  return {
    async observe(byKey, apis) {
      const keys = new Map([...byKey].map(([key, { client_id }]) => [client_id, key]))
      const known = new Map(apis.map((one) => [one.identifier, one]))
      return (await list({})).flatMap((grant) => {
        const client = keys.get(grant.client_id)
        const audience = known.get(grant.audience)
        if (client === undefined || audience === undefined || !isOurs(grant)) return []
        return [grantOf(grantKey(client, grant.audience), grant, effective(grant, audience))]
      })
    },
    async find(key) {
      const { client, audience } = splitGrantKey(key)
      const clientId = await clients.idOf(client)
      const grant = clientId === null ? null : await current(clientId, audience)
      return grant && grantOf(key, grant, await scopesOf(grant))
    },
    async create({ key, fields }) {
      const step = "create grant"
      const { client, audience } = splitGrantKey(key)
      const clientId = await clients.idOf(client)
      if (clientId === null) throw new ConnectorError("not_found", step, "The client of this grant is not there.")
      const json = { client_id: clientId, audience, scope: fields.scopes, subject_type: "client" }
      const made = await api({ step, kind: "create", method: "POST", path: "/client-grants", json }, remoteGrant)
      return grantOf(key, made, await scopesOf(made))
    },
    async update(remoteId, { key, fields }) {
      const step = "update grant"
      const now = await byRemoteId(remoteId, step)
      if (!now) throw new ConnectorError("not_found", step, "This grant is not there any more.")
      const json = { scope: fields.scopes, ...(now.allow_all_scopes === true ? { allow_all_scopes: false } : {}) }
      const path = `/client-grants/${encodeURIComponent(now.id)}`
      const done = await api({ step, kind: "write", method: "PATCH", path, json }, remoteGrant)
      return grantOf(key, done, await scopesOf(done))
    },
    async remove(remoteId) {
      const step = "remove grant"
      const now = await byRemoteId(remoteId, step)
      if (!now) return
      const path = `/client-grants/${encodeURIComponent(now.id)}`
      await goneIsDone(api({ step, kind: "write", method: "DELETE", path }, null))
    },
  }
}

const isOurs = ({ subject_type, is_system }: RemoteGrant): boolean =>
  (subject_type ?? "client") === "client" && is_system !== true

/** A grant of all scopes is as wide as its API, today and tomorrow. Null: Auth0 did not tell. */
function effective(grant: RemoteGrant, audience: RemoteApi | null): readonly string[] | null {
  if (grant.allow_all_scopes !== true) return grant.scope
  return audience?.scopes?.map(({ value }) => value) ?? null
}

/** Auth0 keeps nothing of ours on a grant, so the placement alone proves that it is ours: every grant counts as marked. */
const grantOf = (key: string, grant: RemoteGrant, scopes: readonly string[] | null): RemoteObject => ({
  kind: "grant",
  key,
  remoteId: remoteIdOf(grant),
  marked: true,
  fields: scopes === null ? {} : { scopes: scopes.toSorted() },
  ...(scopes === null ? { unknown: ["scopes"] } : {}),
})
