/** What a Keycloak server holds, in memory. */
import { randomBytes, randomUUID } from "node:crypto"
import type { FakeAnswer } from "../base/server.ts"

export interface FakeClient {
  id: string
  clientId: string
  name?: string
  description?: string
  enabled: boolean
  publicClient: boolean
  bearerOnly: boolean
  serviceAccountsEnabled: boolean
  fullScopeAllowed: boolean
  clientAuthenticatorType: string
  secret: string
  attributes: Record<string, string>
  /** Ids of client scopes. */
  readonly defaultScopes: Set<string>
  readonly optionalScopes: Set<string>
  /** Whatever else was sent and comes back as it was. */
  readonly more: Record<string, unknown>
}

export interface FakeMapper {
  id: string
  name: string
  protocol: string
  protocolMapper: string
  config: Record<string, string>
}

export interface FakeScope {
  id: string
  name: string
  description?: string
  protocol: string
  attributes: Record<string, string>
  protocolMappers: FakeMapper[]
}

export interface FakeUser {
  readonly id: string
  readonly username: string
  /** The client whose service account this is. */
  readonly client: string
  /** Of `realm-management`. */
  readonly roles: Set<string>
}

export interface FakeRealm {
  readonly id: string
  readonly name: string
  readonly clients: Map<string, FakeClient>
  readonly scopes: Map<string, FakeScope>
  readonly users: Map<string, FakeUser>
  profiles: { profiles: unknown[] }
  policies: { policies: unknown[] }
  eventsConfig: Record<string, unknown> & {
    eventsEnabled: boolean
    enabledEventTypes: string[]
    adminEventsEnabled: boolean
  }
  readonly events: { readonly id: string; readonly time: number; readonly type: string }[]
  readonly adminEvents: Record<string, unknown>[]
  readonly usedAssertions: Set<string>
}

export type Realms = Map<string, FakeRealm>

export const newSecret = (): string => randomBytes(43).toString("hex")

export const managementRoles = [
  "manage-clients",
  "view-clients",
  "query-clients",
  "create-client",
  "view-events",
  "manage-events",
  "view-realm",
  "manage-realm",
  "view-users",
] as const

const builtInScopes = [
  "basic",
  "profile",
  "email",
  "acr",
  "roles",
  "web-origins",
  "address",
  "phone",
  "offline_access",
  "service_account",
]
/** What a client gets that sends no lists of its own. */
const realmDefaults = ["basic", "profile", "email", "acr", "roles", "web-origins"]
const inToken = new Set(["profile", "email", "address", "phone", "offline_access"])

export function newRealm(name: string): FakeRealm {
  const realm: FakeRealm = {
    id: randomUUID(),
    name,
    clients: new Map(),
    scopes: new Map(),
    users: new Map(),
    profiles: { profiles: [] },
    policies: { policies: [] },
    eventsConfig: {
      eventsEnabled: false,
      eventsListeners: ["jboss-logging"],
      enabledEventTypes: [],
      adminEventsEnabled: false,
      adminEventsDetailsEnabled: false,
    },
    events: [],
    adminEvents: [],
    usedAssertions: new Set(),
  }
  for (const word of builtInScopes) {
    const id = randomUUID()
    const attributes = { "include.in.token.scope": String(inToken.has(word)) }
    realm.scopes.set(id, { id, name: word, protocol: "openid-connect", attributes, protocolMappers: [] })
  }
  for (const clientId of ["account", "admin-cli", "broker", "realm-management", "security-admin-console"])
    addClient(realm, { clientId })
  return realm
}

export const scopeIds = (realm: FakeRealm, names: readonly unknown[]): string[] =>
  [...realm.scopes.values()].filter(({ name }) => names.includes(name)).map(({ id }) => id)

export const clientNamed = (realm: FakeRealm, clientId: string): FakeClient | undefined =>
  [...realm.clients.values()].find((one) => one.clientId === clientId)

/** Absent lists are the realm's; one list given leaves the other empty; unknown names are dropped without a word. */
export function addClient(realm: FakeRealm, sent: Record<string, unknown>): FakeClient {
  const names = (value: unknown): unknown[] | null => (Array.isArray(value) ? value : null)
  const [defaults, optional] = [names(sent.defaultClientScopes), names(sent.optionalClientScopes)]
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null)
  const client: FakeClient = {
    id: text(sent.id) ?? randomUUID(),
    clientId: text(sent.clientId) ?? randomUUID(),
    enabled: sent.enabled !== false,
    publicClient: sent.publicClient === true,
    bearerOnly: sent.bearerOnly === true,
    serviceAccountsEnabled: sent.serviceAccountsEnabled === true,
    fullScopeAllowed: sent.fullScopeAllowed !== false,
    clientAuthenticatorType: text(sent.clientAuthenticatorType) ?? "client-secret",
    secret: text(sent.secret) ?? newSecret(),
    attributes: { realm_client: "false" },
    defaultScopes: new Set(scopeIds(realm, defaults ?? (optional ? [] : realmDefaults))),
    optionalScopes: new Set(scopeIds(realm, optional ?? [])),
    more: { standardFlowEnabled: true, implicitFlowEnabled: false, directAccessGrantsEnabled: false },
  }
  realm.clients.set(client.id, client)
  followServiceAccount(realm, client)
  return client
}

/** The scope `service_account` and the user follow the switch; the name follows the client's. */
export function followServiceAccount(realm: FakeRealm, client: FakeClient): void {
  const [scope = ""] = scopeIds(realm, ["service_account"])
  if (!client.serviceAccountsEnabled) return void client.defaultScopes.delete(scope)
  client.defaultScopes.add(scope)
  if (serviceAccount(realm, client)) return
  const id = randomUUID()
  realm.users.set(id, {
    id,
    username: `service-account-${client.clientId.toLowerCase()}`,
    client: client.id,
    roles: new Set(),
  })
}

export const serviceAccount = (realm: FakeRealm, client: FakeClient): FakeUser | undefined =>
  [...realm.users.values()].find((user) => user.client === client.id)

/** `{"errorMessage": …}`, as conflicts and bad scopes are told. */
export const message = (status: number, errorMessage: string): FakeAnswer => ({ status, json: { errorMessage } })
/** `{"error": …}`, as everything else is. */
export const refusal = (status: number, error: string, error_description?: string): FakeAnswer => ({
  status,
  json: { error, ...(error_description === undefined ? {} : { error_description }) },
})
export const unknownError: FakeAnswer = refusal(500, "unknown_error", "For more on this error consult the server log.")
export const done: FakeAnswer = { status: 204 }
