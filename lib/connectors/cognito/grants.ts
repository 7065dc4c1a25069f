import { namesIn } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import { grantKey, splitGrantKey, type DesiredObject, type RemoteObject } from "../objects.ts"
import type { Audiences } from "./audiences.ts"
import { scopesOn } from "./client-state.ts"
import type { Clients } from "./clients.ts"
import { plainScope, wireScope } from "./names.ts"
import type { RemoteClient, RemoteServer } from "./shapes.ts"

export interface Grants {
  observe(clients: ReadonlyMap<string, RemoteClient>, servers: readonly RemoteServer[]): readonly RemoteObject[]
  find(key: string): Promise<RemoteObject | null>
  create(object: DesiredObject): Promise<RemoteObject>
  update(remoteId: string, object: DesiredObject): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
}

/** A grant is a stretch of the one list of scopes that each client has. Its remote id is the pair. */
export function grantsPort(clients: Clients, audiences: Audiences): Grants {
  /** Replaces the scopes of one audience and leaves the others. */
  async function write(clientId: string, audience: string, scopes: readonly string[], step: string) {
    return await clients.change(clientId, step, ({ AllowedOAuthScopes }) => ({
      scopes: [
        ...AllowedOAuthScopes.filter((wire) => plainScope(wire)?.audience !== audience),
        ...scopes.map((scope) => wireScope(audience, scope)),
      ],
    }))
  }

  return {
    observe: (byKey, servers) =>
      [...byKey].flatMap(([key, client]) =>
        servers.flatMap((server) => grantOf(grantKey(key, server.Identifier), client, server) ?? []),
      ),
    async find(key) {
      const ends = splitGrantKey(key)
      const client = await clients.byKey(ends.client)
      if (client === null || scopesOn(client, ends.audience).length === 0) return null
      const server = await audiences.byIdentifier(ends.audience)
      return server && grantOf(key, client, server)
    },
    async create({ key, fields }) {
      const step = "create grant"
      const ends = splitGrantKey(key)
      const client = await clients.byKey(ends.client)
      if (client === null) throw new ConnectorError("not_found", step, "The client of this grant is not there.")
      return told(key, await write(client.ClientId, ends.audience, namesIn(fields.scopes), step), ends.audience)
    },
    async update(remoteId, { key, fields }) {
      const { client, audience } = splitGrantKey(remoteId)
      return told(key, await write(client, audience, namesIn(fields.scopes), "update grant"), audience)
    },
    async remove(remoteId) {
      const { client, audience } = splitGrantKey(remoteId)
      const now = await clients.byId(client)
      if (now !== null && scopesOn(now, audience).length > 0) await write(client, audience, [], "remove grant")
    },
  }
}

/** Null: nothing of this audience is granted. A scope that its resource server has lost is inactive: never issued, so not told. */
function grantOf(key: string, client: RemoteClient, { Identifier, Scopes }: RemoteServer): RemoteObject | null {
  const alive = new Set(Scopes.map(({ ScopeName }) => ScopeName))
  const scopes = scopesOn(client, Identifier).filter((scope) => alive.has(scope))
  return scopes.length === 0 ? null : remoteGrant(key, client, Identifier, scopes)
}

/** As the answer to a write has it: Cognito has just checked that each of them is there. */
const told = (key: string, client: RemoteClient, audience: string): RemoteObject =>
  remoteGrant(key, client, audience, scopesOn(client, audience))

/** There is no place for a mark, so the placement alone proves that it is ours: every grant counts as marked. */
const remoteGrant = (
  key: string,
  { ClientId }: RemoteClient,
  audience: string,
  scopes: readonly string[],
): RemoteObject => ({
  kind: "grant",
  key,
  remoteId: grantKey(ClientId, audience),
  marked: true,
  fields: { scopes: [...new Set(scopes)].toSorted() },
})
