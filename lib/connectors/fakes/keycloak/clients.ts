/** `/clients`: Keycloak checks almost nothing, and merges (providers.md 1.2 and 1.6). */
import { isObject } from "../../../base/json.ts"
import { jsonOf, type FakeAnswer, type Route } from "../base/server.ts"
import type { AdminRequest, AdminServer, RouteOf } from "./access.ts"
import { record } from "./logs.ts"
import { afterWrite, dropRotated, rotate, rotatedValue } from "./rotation.ts"
import {
  addClient,
  clientNamed,
  done,
  followServiceAccount,
  message,
  refusal,
  serviceAccount,
  unknownError,
  type FakeClient,
  type FakeRealm,
} from "./state.ts"

const flags = ["enabled", "publicClient", "bearerOnly", "serviceAccountsEnabled", "fullScopeAllowed"] as const
const texts = ["clientId", "name", "description", "clientAuthenticatorType"] as const
/** Kept and given back without a meaning here. */
const flows = [
  "standardFlowEnabled",
  "implicitFlowEnabled",
  "directAccessGrantsEnabled",
  "redirectUris",
  "webOrigins",
] as const
/** Taken, as a real one takes them. */
const others = [
  "id",
  "secret",
  "attributes",
  "protocol",
  "consentRequired",
  "frontchannelLogout",
  "defaultClientScopes",
  "optionalClientScopes",
  "protocolMappers",
]
const known = new Set<string>([...flags, ...texts, ...flows, ...others])
const textMax = 255

export function shownClient(realm: FakeRealm, client: FakeClient, manages: boolean): Record<string, unknown> {
  const { defaultScopes, optionalScopes, more, ...rest } = client
  const names = (ids: Set<string>) => [...ids].flatMap((id) => realm.scopes.get(id)?.name ?? [])
  return {
    ...more,
    ...rest,
    defaultClientScopes: names(defaultScopes),
    optionalClientScopes: names(optionalScopes),
    access: { view: true, configure: manages, manage: manages },
  }
}

export function clientRoutes(server: AdminServer, route: RouteOf): readonly Route[] {
  const view = ["view-clients"]
  const manage = ["manage-clients"]
  const seconds = () => Math.floor(server.clock.now().getTime() / 1_000)
  const shown = ({ realm, caller }: AdminRequest, client: FakeClient) =>
    shownClient(realm, client, caller.may("manage-clients"))
  const one = (run: (request: AdminRequest, client: FakeClient) => FakeAnswer) => (request: AdminRequest) => {
    const client = request.realm.clients.get(request.params.id ?? "")
    return client ? run(request, client) : refusal(404, "Could not find client")
  }
  return [
    route("GET", "/clients", ["query-clients"], (request) => {
      const { query, realm, caller } = request
      if (query.has("q")) return refusal(400, "Attributes [x] not allowed for search")
      // Weak callers see an empty realm, and are not told so.
      if (!caller.may("view-clients")) return { status: 200, json: [] }
      const wanted = query.get("clientId")
      const first = Number(query.get("first") ?? 0)
      const max = Number(query.get("max") ?? -1)
      const found = [...realm.clients.values()]
        .filter(({ clientId }) => wanted === null || clientId === wanted)
        .sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
        .slice(first, max < 0 ? undefined : first + max)
      return { status: 200, json: found.map((client) => shown(request, client)) }
    }),
    route("POST", "/clients", manage, (request) => {
      const sent = jsonOf(request)
      const bad = refused(sent)
      if (bad || !isObject(sent)) return bad ?? unknownError
      const { realm } = request
      const name = String(sent.clientId)
      if (clientNamed(realm, name) || realm.clients.has(String(sent.id)))
        return message(409, `Client ${name} already exists`)
      const client = addClient(realm, sent)
      put(client, sent)
      afterWrite(realm, client, { ...sent, attributes: {} }, seconds())
      record(server, request, "CREATE", "CLIENT", `clients/${client.id}`)
      return { status: 201, headers: { location: `${request.origin}${request.path}/${client.id}` } }
    }),
    route(
      "GET",
      "/clients/:id",
      view,
      one((request, client) => ({ status: 200, json: shown(request, client) })),
    ),
    route(
      "PUT",
      "/clients/:id",
      manage,
      one((request, client) => {
        const sent = jsonOf(request)
        const bad = refused(sent)
        if (bad || !isObject(sent)) return bad ?? unknownError
        const taken = typeof sent.clientId === "string" ? clientNamed(request.realm, sent.clientId) : undefined
        if (taken && taken !== client) return refusal(409, "conflict", "Duplicate resource error")
        const before = structuredClone({ attributes: client.attributes, secret: client.secret })
        put(client, sent)
        if (!afterWrite(request.realm, client, sent, seconds())) {
          Object.assign(client, before)
          return unknownError
        }
        followServiceAccount(request.realm, client)
        record(server, request, "UPDATE", "CLIENT", `clients/${client.id}`)
        return done
      }),
    ),
    route(
      "DELETE",
      "/clients/:id",
      manage,
      one((request, client) => {
        request.realm.clients.delete(client.id)
        const account = serviceAccount(request.realm, client)
        if (account) request.realm.users.delete(account.id)
        record(server, request, "DELETE", "CLIENT", `clients/${client.id}`)
        return done
      }),
    ),
    route(
      "GET",
      "/clients/:id/client-secret",
      view,
      one((_request, { secret }) => secretAnswer(secret)),
    ),
    route(
      "POST",
      "/clients/:id/client-secret",
      manage,
      one((request, client) => {
        rotate(request.realm, client, seconds())
        record(server, request, "ACTION", "CLIENT", `clients/${client.id}/client-secret`)
        return secretAnswer(client.secret)
      }),
    ),
    route(
      "GET",
      "/clients/:id/client-secret/rotated",
      view,
      one((_request, client) => {
        const value = rotatedValue(client)
        return value === undefined ? refusal(404, "Client does not have a rotated secret") : secretAnswer(value)
      }),
    ),
    route(
      "DELETE",
      "/clients/:id/client-secret/rotated",
      manage,
      one((request, client) => {
        dropRotated(client)
        record(server, request, "DELETE", "CLIENT", `clients/${client.id}/client-secret/rotated`)
        return done
      }),
    ),
    route(
      "GET",
      "/clients/:id/service-account-user",
      view,
      one(({ realm }, client) => {
        const user = serviceAccount(realm, client)
        return user && client.serviceAccountsEnabled
          ? { status: 200, json: { id: user.id, username: user.username } }
          : refusal(400, "unknown_error")
      }),
    ),
  ]
}

const secretAnswer = (value: string): FakeAnswer => ({ status: 200, json: { type: "secret", value } })

/** An unknown field is 400, and a text that the column does not hold is 500. */
function refused(sent: unknown): FakeAnswer | null {
  if (!isObject(sent)) return refusal(400, "unknown_error", "Cannot parse the JSON")
  const stranger = Object.keys(sent).find((field) => !known.has(field))
  if (stranger !== undefined) return refusal(400, "invalid_input", `Unrecognized field "${stranger}"`)
  const attributes = isObject(sent.attributes) ? sent.attributes : {}
  if (Object.values(attributes).some((value) => typeof value === "object" && value !== null))
    return refusal(400, "unknown_error", "Cannot parse the JSON")
  const long = [...texts.map((field) => sent[field]), sent.secret, ...Object.keys(attributes)]
  return long.some((value) => typeof value === "string" && value.length > textMax) ? unknownError : null
}

/** Absent and null leave as it is; attributes are merged, "" and null take one away; scope lists count on create only. */
function put(client: FakeClient, sent: Record<string, unknown>): void {
  for (const field of flags) if (typeof sent[field] === "boolean") client[field] = sent[field]
  for (const field of texts) if (typeof sent[field] === "string") client[field] = sent[field]
  for (const field of flows) if (sent[field] !== undefined && sent[field] !== null) client.more[field] = sent[field]
  if (typeof sent.secret === "string") client.secret = sent.secret
  for (const [name, value] of Object.entries(isObject(sent.attributes) ? sent.attributes : {})) {
    if (value === null || value === "") delete client.attributes[name]
    else client.attributes[name] = String(value)
  }
}
