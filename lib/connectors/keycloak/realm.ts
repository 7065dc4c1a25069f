/** Reads of the realm: clients, client scopes, and whether our credentials see anything at all. */
import { orNull } from "../gone.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Admin } from "./admin.ts"
import type { KeycloakSettings } from "./settings.ts"
import { scopeList } from "./scope-list.ts"
import { client, clients, realmDefaults, scope, scopes, type Client, type Scope } from "./shapes.ts"

const pageSize = 500
const pagesMax = 400
/** 1.4 KB a client, 2 KB a scope with its mappers, and room for what others write into them. */
const bytesMax = 64_000_000
const listMs = 30_000
const sightMs = 60_000
const recentMax = 2_000

export interface Defaults {
  readonly seconds: number | null
  readonly alg: string | null
}

export interface Realm {
  /** All clients, page by page. */
  allClients(): Promise<readonly Client[]>
  /** By its clientId, exactly; as it was seen within the last `withinMs`. Null: not there, and our credentials would have seen it. */
  clientNamed(clientId: string, withinMs?: number): Promise<Client | null>
  /** What a write of ours has made of a client, as if it had just been seen. */
  keep(client: Client): void
  /** What was seen of it counts no more. */
  forget(clientId: string): void
  clientById(id: string): Promise<Client | null>
  /** Throws `forbidden` where "it has no scope" is only what our credentials see: nothing may be concluded from it then. */
  requireSightOfScopes(client: Client): Promise<void>
  /** What holds for a client that says nothing itself; null where our credentials may not see it. */
  defaults(): Promise<Defaults>
  /** All client scopes; `fresh` asks again whatever is known. */
  allScopes(fresh?: boolean): Promise<readonly Scope[]>
  /** Reads one scope anew into what is known of all (null: it is gone). */
  refreshScope(id: string): Promise<Scope | null>
}

export function realmOf(admin: Admin, settings: KeycloakSettings): Realm {
  let seenAt = 0
  let told: { readonly defaults: Promise<Defaults>; readonly at: number } | null = null

  const named = async (clientId: string): Promise<Client | null> => {
    const path = `/clients?clientId=${encodeURIComponent(clientId)}`
    const found = await admin({ step: "find client", kind: "read", method: "GET", path, secretive: true }, clients)
    return found.find((one) => one.clientId === clientId) ?? null
  }
  /** A caller with `query-clients` alone gets empty lists and a 200: without our own client in sight, nothing is known. */
  const sighted = async (): Promise<void> => {
    if (Date.now() - seenAt < sightMs) return
    if ((await named(settings.client_id)) === null) throw blind("find client")
    seenAt = Date.now()
  }

  /** Bounded: the oldest goes first. */
  const recent = new Map<string, { readonly client: Client; readonly at: number }>()
  const keep = (found: Client, at: number): void => {
    recent.delete(found.clientId)
    recent.set(found.clientId, { client: found, at })
    const [oldest] = recent.keys()
    if (recent.size > recentMax && oldest !== undefined) recent.delete(oldest)
  }
  const list = scopeList(async () => {
    const step = "list client scopes"
    const all = await admin(
      { step, kind: "read", method: "GET", path: "/client-scopes", maxBytes: bytesMax, timeoutMs: listMs },
      scopes,
    )
    // A realm's last scope cannot be deleted.
    if (all.length === 0) throw blindToScopes(step)
    return all
  })

  return {
    async allClients() {
      const all: Client[] = []
      const ids = new Set<string>()
      for (let page = 0; page < pagesMax; page++) {
        const path = `/clients?first=${page * pageSize}&max=${pageSize}`
        const step = "list clients"
        const part = await admin(
          { step, kind: "read", method: "GET", path, maxBytes: bytesMax, timeoutMs: listMs, secretive: true },
          clients,
        )
        const fresh = part.filter(({ id }) => !ids.has(id))
        if (part.length > 0 && fresh.length === 0)
          throw new ConnectorError("unknown", step, "The provider's list of clients does not advance.")
        for (const one of fresh) {
          ids.add(one.id)
          all.push(one)
        }
        if (part.length < pageSize) {
          requireSight(all, settings)
          return all
        }
      }
      throw new ConnectorError("unknown", "list clients", `The realm has more than ${pagesMax * pageSize} clients.`)
    },
    async clientNamed(clientId, withinMs = 0) {
      const kept = withinMs > 0 ? recent.get(clientId) : undefined
      if (kept && Date.now() - kept.at < withinMs) return kept.client
      const at = Date.now()
      const found = await named(clientId)
      if (found === null) await sighted()
      else keep(found, at)
      return found
    },
    keep: (found) => keep(found, Date.now()),
    forget: (clientId) => void recent.delete(clientId),
    async clientById(id) {
      const path = `/clients/${encodeURIComponent(id)}`
      return await orNull(admin({ step: "read client", kind: "read", method: "GET", path, secretive: true }, client))
    },
    async requireSightOfScopes(client) {
      if (showsScopes(client)) return
      const own = await named(settings.client_id)
      if (own === null || !showsScopes(own)) throw blindToScopes("find client")
    },
    async defaults() {
      if (told === null || Date.now() - told.at > sightMs) told = { defaults: readDefaults(admin), at: Date.now() }
      return await told.defaults.catch((error: unknown) => {
        told = null
        throw error
      })
    },
    allScopes: (fresh) => list.all(fresh),
    async refreshScope(id) {
      const at = Date.now()
      const path = `/client-scopes/${encodeURIComponent(id)}`
      const found = await orNull(admin({ step: "read client scope", kind: "read", method: "GET", path }, scope))
      list.note(id, found, at)
      return found
    },
  }
}

/** The mask of a caller who may not see secrets (26.8 with view-clients only). It is nobody's secret, and is never sent. */
const mask = "**********"

export function requireUnmasked({ secret }: Client, step: string): void {
  if (secret === mask)
    throw new ConnectorError(
      "forbidden",
      step,
      "The realm masks its secrets for us: the service account lacks the role manage-clients of realm-management.",
    )
}

async function readDefaults(admin: Admin): Promise<Defaults> {
  const found = await admin({ step: "read realm", kind: "read", method: "GET", path: "" }, realmDefaults)
  return { seconds: found.accessTokenLifespan ?? null, alg: found.defaultSignatureAlgorithm || null }
}

function requireSight(all: readonly Client[], settings: KeycloakSettings): void {
  if (!all.some(({ clientId }) => clientId === settings.client_id)) throw blind("list clients")
  // From 26.8, without sight of client scopes every list of assignments is empty (providers.md 1.1): that is no drift.
  if (!all.some(showsScopes)) throw blindToScopes("list clients")
}

/** Every client has a scope, unless all were taken from it by hand. */
const showsScopes = ({ defaultClientScopes, optionalClientScopes }: Client): boolean =>
  defaultClientScopes.length + optionalClientScopes.length > 0

const blindToScopes = (step: string): ConnectorError =>
  new ConnectorError(
    "forbidden",
    step,
    "The realm shows no client scopes, or none of their assignments: the service account lacks sight of them (role manage-clients or view-clients of realm-management).",
  )

const blind = (step: string): ConnectorError =>
  new ConnectorError(
    "forbidden",
    step,
    "The realm shows no clients, not even Grantry's own: the service account lacks the role view-clients or manage-clients of realm-management (query-clients alone answers empty lists).",
  )
