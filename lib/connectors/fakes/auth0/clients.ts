import type { FakeRequest, Route } from "../base/server.ts"
import { bodyOf, clientPatchBody, credentialBody, newClientBody, refuse, Refused } from "./law.ts"
import { listAnswer } from "./lists.ts"
import {
  changeSecret,
  mergeMetadata,
  newId,
  newSecret,
  type FakeClient,
  type FakeCredential,
  type Tenant,
} from "./state.ts"
import type { Caller } from "./token.ts"

type Who = (request: FakeRequest, ...anyOf: readonly string[]) => Promise<Caller>

/** Clients, their secret, and their public keys. */
export function clientRoutes(tenant: Tenant, who: Who): readonly Route[] {
  const { clients, credentials } = tenant

  function need(id: string): FakeClient {
    const client = clients.get(id)
    if (!client) throw new Refused(refuse(tenant, 404, "The client does not exist", "inexistent_client"))
    return client
  }

  function addCredential(clientId: string, body: ReturnType<typeof credentialBody.parse>): FakeCredential {
    const there = credentials.get(clientId) ?? []
    if (there.length >= 2)
      throw new Refused(refuse(tenant, 400, "A client holds at most two credentials", "too_many_credentials"))
    const credential: FakeCredential = {
      id: newId("cred_", 22),
      name: body.name ?? "",
      kid: body.kid ?? newId("", 43),
      alg: body.alg,
      pem: body.pem,
      credential_type: "public_key",
      created_at: tenant.clock.now().toISOString(),
      expires_at: body.expires_at ?? null,
    }
    credentials.set(clientId, [...there, credential])
    return credential
  }

  return [
    {
      method: "GET",
      path: "/api/v2/clients",
      async run(request) {
        const caller = await who(request, "read:clients", "read:client_keys")
        const wanted = request.query.get("app_type")
        const items = [...clients.values()]
          .filter(({ app_type }) => wanted === null || app_type === wanted)
          .map((client) => shown(tenant, client, caller, request.query))
        return listAnswer(tenant, request, { name: "clients", items, checkpoint: true })
      },
    },
    {
      method: "POST",
      path: "/api/v2/clients",
      async run(request) {
        const caller = await who(request, "create:clients")
        const body = bodyOf(tenant, request, newClientBody)
        if (clients.size >= tenant.modes.entitiesMax) throw new Refused(tooMany(tenant))
        const methods = body.client_authentication_methods
        const client: FakeClient = {
          client_id: newId(),
          name: body.name,
          description: body.description ?? "",
          app_type: body.app_type ?? "regular_web",
          is_first_party: body.is_first_party ?? true,
          oidc_conformant: body.oidc_conformant ?? false,
          grant_types: body.grant_types ?? ["authorization_code", "implicit", "refresh_token", "client_credentials"],
          token_endpoint_auth_method: methods ? null : (body.token_endpoint_auth_method ?? "client_secret_post"),
          client_authentication_methods: null,
          client_metadata: body.client_metadata ?? {},
          jwt_configuration: {
            alg: body.jwt_configuration?.alg ?? "HS256",
            lifetime_in_seconds: body.jwt_configuration?.lifetime_in_seconds ?? 36_000,
          },
          global: false,
          client_secret: newSecret(),
          previous: null,
        }
        if (methods) {
          const made = methods.private_key_jwt.credentials.map((one) => addCredential(client.client_id, one))
          client.client_authentication_methods = { private_key_jwt: { credentials: made.map(({ id }) => ({ id })) } }
        }
        clients.set(client.client_id, client)
        return { status: 201, json: shown(tenant, client, caller, new URLSearchParams()) }
      },
    },
    {
      method: "GET",
      path: "/api/v2/clients/:id",
      async run(request) {
        const caller = await who(request, "read:clients", "read:client_keys", "read:client_credentials")
        return { status: 200, json: shown(tenant, need(request.params.id ?? ""), caller, request.query) }
      },
    },
    {
      method: "PATCH",
      path: "/api/v2/clients/:id",
      async run(request) {
        const caller = await who(request, "update:clients", "update:client_keys")
        const { client_secret, client_metadata, client_authentication_methods, ...plain } = bodyOf(
          tenant,
          request,
          clientPatchBody,
        )
        if (client_secret !== undefined && !caller.scopes.has("update:client_keys"))
          throw new Refused(
            refuse(tenant, 403, "Insufficient scope, expected any of: update:client_keys", "insufficient_scope"),
          )
        const client = need(request.params.id ?? "")
        const method = plain.token_endpoint_auth_method ?? null
        const held =
          client_authentication_methods ??
          (client_authentication_methods === null ? null : client.client_authentication_methods)
        if (method !== null && held !== null)
          throw new Refused(
            refuse(
              tenant,
              400,
              "token_endpoint_auth_method and client_authentication_methods exclude each other",
              "invalid_body",
            ),
          )
        const known = new Set((credentials.get(client.client_id) ?? []).map(({ id }) => id))
        if (held?.private_key_jwt.credentials.some(({ id }) => !known.has(id)))
          throw new Refused(refuse(tenant, 400, "Unknown credential", "invalid_body"))
        const merged = Object.keys({ ...client.client_metadata, ...client_metadata }).length
        if (merged - Object.values(client_metadata ?? {}).filter((one) => one === null).length > 10)
          throw new Refused(refuse(tenant, 400, "Too many properties in client_metadata", "invalid_body"))
        const { jwt_configuration, ...rest } = plain
        Object.assign(client, defined(rest))
        if (jwt_configuration) Object.assign(client.jwt_configuration, defined(jwt_configuration))
        client.client_authentication_methods = held
        if (held !== null) client.token_endpoint_auth_method = null
        if (client_metadata) mergeMetadata(client, client_metadata)
        if (client_secret !== undefined) changeSecret(tenant, client, client_secret)
        return { status: 200, json: shown(tenant, client, caller, new URLSearchParams()) }
      },
    },
    {
      method: "DELETE",
      path: "/api/v2/clients/:id",
      async run(request) {
        await who(request, "delete:clients")
        const { client_id } = need(request.params.id ?? "")
        clients.delete(client_id)
        credentials.delete(client_id)
        for (const grant of tenant.grants.values()) if (grant.client_id === client_id) tenant.grants.delete(grant.id)
        return { status: 204 }
      },
    },
    {
      method: "POST",
      path: "/api/v2/clients/:id/rotate-secret",
      async run(request) {
        const caller = await who(request, "update:client_keys")
        const client = need(request.params.id ?? "")
        if (client.client_authentication_methods !== null)
          throw new Refused(refuse(tenant, 400, "This client authenticates with private_key_jwt", "invalid_operation"))
        changeSecret(tenant, client, newSecret())
        return { status: 200, json: shown(tenant, client, caller, new URLSearchParams()) }
      },
    },
    {
      method: "GET",
      path: "/api/v2/clients/:id/credentials",
      async run(request) {
        await who(request, "read:client_credentials")
        const { client_id } = need(request.params.id ?? "")
        return { status: 200, json: (credentials.get(client_id) ?? []).map(shownCredential) }
      },
    },
    {
      method: "POST",
      path: "/api/v2/clients/:id/credentials",
      async run(request) {
        await who(request, "create:client_credentials")
        const { client_id } = need(request.params.id ?? "")
        return { status: 201, json: shownCredential(addCredential(client_id, bodyOf(tenant, request, credentialBody))) }
      },
    },
    {
      method: "DELETE",
      path: "/api/v2/clients/:id/credentials/:credential",
      async run(request) {
        await who(request, "delete:client_credentials")
        const client = need(request.params.id ?? "")
        const there = credentials.get(client.client_id) ?? []
        const left = there.filter(({ id }) => id !== request.params.credential)
        if (left.length === there.length) throw new Refused(refuse(tenant, 404, "Credential not found"))
        if (
          client.client_authentication_methods?.private_key_jwt.credentials.some(
            ({ id }) => id === request.params.credential,
          )
        )
          throw new Refused(refuse(tenant, 400, "The credential is in use", "credential_in_use"))
        credentials.set(client.client_id, left)
        return { status: 204 }
      },
    },
  ]
}

export const tooMany = (tenant: Tenant) =>
  refuse(tenant, 403, "You reached the limit of entities of this type for this tenant.", "too_many_entities")

/** The key itself is never told again. */
const shownCredential = ({ pem: _pem, expires_at, ...credential }: FakeCredential) => ({
  ...credential,
  ...(expires_at === null ? {} : { expires_at }),
})

/** A client as this caller may see it: the secret needs `read:client_keys`. */
function shown(tenant: Tenant, client: FakeClient, caller: Caller, query: URLSearchParams): unknown {
  const {
    previous: _previous,
    client_secret,
    client_authentication_methods,
    token_endpoint_auth_method,
    ...rest
  } = client
  const whole: Record<string, unknown> = {
    ...rest,
    tenant: "fake",
    signing_keys: [{ cert: "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" }],
    ...(token_endpoint_auth_method === null ? {} : { token_endpoint_auth_method }),
    ...(client_authentication_methods === null ? {} : { client_authentication_methods }),
    ...(caller.scopes.has("read:client_keys") ? { client_secret } : {}),
  }
  if (tenant.modes.nulls)
    return Object.fromEntries(Object.keys(whole).map((key) => [key, key === "client_id" ? client.client_id : null]))
  const fields = query.get("fields")?.split(",")
  if (!fields) return whole
  const including = query.get("include_fields") !== "false"
  return Object.fromEntries(Object.entries(whole).filter(([key]) => fields.includes(key) === including))
}

const defined = <T extends object>(given: T): Partial<T> =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>
