import type { AdminChange, ChangesPort } from "../log-ports.ts"
import { grantKey } from "../objects.ts"
import { audiencesOf } from "./catalog.ts"
import { isResourceServer } from "./audiences.ts"
import type { Context } from "./context.ts"
import { attribute } from "./names.ts"
import { adminEvents, user, type Client, type Scope } from "./shapes.ts"

const resourceTypes = ["CLIENT", "CLIENT_SCOPE", "CLIENT_SCOPE_CLIENT_MAPPING", "PROTOCOL_MAPPER"] as const
/** The log is asked for at most this many; beyond, the oldest are not told. */
const changesMax = 1_000
const bytesMax = 32_000_000
/** How many different people are asked for by name. */
const namesMax = 50

/** The realm's admin events. They hold ids only; names of this realm are looked up, an administrator of another realm stays an id. */
export function changesPort(context: Context): ChangesPort {
  const { admin, realm, settings } = context
  return {
    async since(since) {
      const query = new URLSearchParams([
        ...resourceTypes.map((type) => ["resourceTypes", type]),
        ["dateFrom", String(since.getTime())],
        ["max", String(changesMax)],
      ]).toString()
      const path = `/admin-events?${query}`
      const told = await admin(
        { step: "read admin events", kind: "read", method: "GET", path, maxBytes: bytesMax },
        adminEvents,
      )
      const found = told.filter(({ time }) => time >= since.getTime())
      if (found.length === 0) return []
      const [clients, scopes] = await Promise.all([realm.allClients(), realm.allScopes()])
      const byId = new Map(clients.map((one) => [one.id, one]))
      const scopeById = new Map(scopes.map((one) => [one.id, one]))
      const people = await namesOf(
        found.flatMap(({ realmId, authDetails: by }) => (by && by.realmId === realmId ? [by.userId] : [])),
      )
      return found
        .toSorted((a, b) => b.time - a.time)
        .map(({ time, realmId, authDetails, resourcePath }): AdminChange => {
          const { userId = "", clientId = "", realmId: from = "" } = authDetails ?? {}
          const through = byId.get(clientId)?.clientId
          const name = people.get(userId)
          return {
            at: new Date(time).toISOString(),
            ...subjectOf(resourcePath, byId, scopeById),
            actor: {
              id: userId || clientId || "unknown",
              ...(name === undefined ? {} : { name }),
              ...(through === undefined ? {} : { client: through }),
              ...(from === "" ? {} : { realm: from === realmId ? settings.realm : from }),
            },
            ours: through === settings.client_id,
          }
        })
    },
  }

  /** Needs the role view-users; without it people stay ids. */
  async function namesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const names = new Map<string, string>()
    for (const id of [...new Set(ids)].slice(0, namesMax)) {
      const path = `/users/${encodeURIComponent(id)}`
      const found = await admin({ step: "read user", kind: "read", method: "GET", path }, user).catch(() => null)
      if (found) names.set(id, found.username)
    }
    return names
  }
}

type Subject = Pick<AdminChange, "kind" | "key" | "remoteIds">

/** `clients/{id}/…`, `client-scopes/{id}/…`: what of ours that is, by what stands now. What was deleted is known by its id alone. */
export function subjectOf(
  path: string,
  clients: ReadonlyMap<string, Client>,
  scopes: ReadonlyMap<string, Scope>,
): Subject {
  const [collection = "", id = "", part = "", partId = ""] = path.split("/")
  const scope = scopes.get(collection === "client-scopes" ? id : partId)
  const audience = scope ? (audiencesOf(scope)[0] ?? null) : null
  if (collection === "client-scopes")
    return audience === null
      ? { kind: null, key: null, remoteIds: [id] }
      : { kind: "audience", key: audience, remoteIds: [id] }
  if (collection !== "clients") return { kind: null, key: null, remoteIds: [] }
  const client = clients.get(id)
  if (/^(default|optional)-client-scopes$/.test(part))
    return client && audience !== null
      ? { kind: "grant", key: grantKey(client.clientId, audience), remoteIds: [`${id} ${audience}`] }
      : { kind: "grant", key: null, remoteIds: [id] }
  if (!client) return { kind: null, key: null, remoteIds: [id] }
  const isAudience = client.attributes[attribute.kind] === "audience" && isResourceServer(client)
  return { kind: isAudience ? "audience" : "client", key: client.clientId, remoteIds: [id] }
}
