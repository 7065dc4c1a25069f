import type { FakeRequest, Route } from "../base/server.ts"
import { tooMany } from "./clients.ts"
import { apiPatchBody, bodyOf, grantPatchBody, newApiBody, newGrantBody, refuse, Refused } from "./law.ts"
import { listAnswer } from "./lists.ts"
import { newId, type FakeApi, type FakeGrant, type Tenant } from "./state.ts"
import type { Caller } from "./token.ts"

type Who = (request: FakeRequest, ...anyOf: readonly string[]) => Promise<Caller>

/** APIs ("resource servers"), addressed by id or by encoded identifier. */
export function apiRoutes(tenant: Tenant, who: Who): readonly Route[] {
  const { apis } = tenant

  const byIdentifier = (identifier: string): FakeApi | undefined =>
    [...apis.values()].find((api) => api.identifier === identifier)
  function need(id: string): FakeApi {
    const api = apis.get(id) ?? byIdentifier(id)
    if (!api) throw new Refused(refuse(tenant, 404, "The resource server does not exist", "inexistent_resource_server"))
    return api
  }

  return [
    {
      method: "GET",
      path: "/api/v2/resource-servers",
      async run(request) {
        await who(request, "read:resource_servers")
        const wanted = request.query.getAll("identifiers")
        const items = [...apis.values()]
          .filter(({ identifier }) => wanted.length === 0 || wanted.includes(identifier))
          .map((api) => shownApi(tenant, api))
        return listAnswer(tenant, request, { name: "resource_servers", items, checkpoint: false })
      },
    },
    {
      method: "POST",
      path: "/api/v2/resource-servers",
      async run(request) {
        await who(request, "create:resource_servers")
        const body = bodyOf(tenant, request, newApiBody)
        if (byIdentifier(body.identifier))
          throw new Refused(
            refuse(tenant, 409, "A resource server with the same identifier already exists.", "conflict"),
          )
        if (apis.size >= tenant.modes.entitiesMax) throw new Refused(tooMany(tenant))
        const api: FakeApi = {
          id: newId("", 24),
          identifier: body.identifier,
          name: body.name ?? body.identifier,
          is_system: false,
          scopes: body.scopes ?? [],
          signing_alg: body.signing_alg ?? "HS256",
          token_lifetime: body.token_lifetime ?? 86_400,
          token_dialect: body.token_dialect ?? "access_token",
          subject_type_authorization: body.subject_type_authorization ?? {},
        }
        apis.set(api.id, api)
        return { status: 201, json: shownApi(tenant, api) }
      },
    },
    {
      method: "GET",
      path: "/api/v2/resource-servers/:id",
      async run(request) {
        await who(request, "read:resource_servers")
        return { status: 200, json: shownApi(tenant, need(request.params.id ?? "")) }
      },
    },
    {
      method: "PATCH",
      path: "/api/v2/resource-servers/:id",
      async run(request) {
        await who(request, "update:resource_servers")
        const body = bodyOf(tenant, request, apiPatchBody)
        const api = need(request.params.id ?? "")
        if (api.is_system) throw new Refused(refuse(tenant, 400, "System resource servers cannot be patched."))
        Object.assign(api, Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)))
        return { status: tenant.modes.byContract ? 201 : 200, json: shownApi(tenant, api) }
      },
    },
    {
      method: "DELETE",
      path: "/api/v2/resource-servers/:id",
      async run(request) {
        await who(request, "delete:resource_servers")
        const api = need(request.params.id ?? "")
        if (api.is_system) throw new Refused(refuse(tenant, 400, "System resource servers cannot be deleted."))
        apis.delete(api.id)
        for (const grant of tenant.grants.values())
          if (grant.audience === api.identifier) tenant.grants.delete(grant.id)
        return { status: 204 }
      },
    },
  ]
}

/** Client grants: one for services and one for users in each pair of client and API. */
export function grantRoutes(tenant: Tenant, who: Who): readonly Route[] {
  const { grants } = tenant
  const scopesOf = (audience: string): ReadonlySet<string> =>
    new Set([...tenant.apis.values()].find((api) => api.identifier === audience)?.scopes.map(({ value }) => value))

  function known(audience: string, scope: readonly string[]): void {
    const there = scopesOf(audience)
    if (scope.some((name) => !there.has(name)))
      throw new Refused(refuse(tenant, 400, "One or more scopes are not defined in the API.", "invalid_scope"))
  }
  function need(id: string): FakeGrant {
    const grant = grants.get(id)
    if (!grant) throw new Refused(refuse(tenant, 404, "Client grant not found", "inexistent_client_grant"))
    return grant
  }

  return [
    {
      method: "GET",
      path: "/api/v2/client-grants",
      async run(request) {
        await who(request, "read:client_grants")
        const { query } = request
        const same = (field: "client_id" | "audience" | "subject_type") => (grant: FakeGrant) =>
          query.get(field) === null || grant[field] === query.get(field)
        const items = [...grants.values()]
          .filter(same("client_id"))
          .filter(same("audience"))
          .filter(same("subject_type"))
          .map((grant) => shownGrant(tenant, grant))
        return listAnswer(tenant, request, { name: "client_grants", items, checkpoint: true })
      },
    },
    {
      method: "POST",
      path: "/api/v2/client-grants",
      async run(request) {
        await who(request, "create:client_grants")
        const body = bodyOf(tenant, request, newGrantBody)
        const { client_id, audience, subject_type } = body
        if (![...tenant.apis.values()].some(({ identifier }) => identifier === audience))
          throw new Refused(refuse(tenant, 404, "Resource server not found", "inexistent_resource_server"))
        if (!tenant.clients.has(client_id))
          throw new Refused(refuse(tenant, 404, "Client not found", "inexistent_client"))
        const taken = [...grants.values()].some(
          (one) => one.client_id === client_id && one.audience === audience && one.subject_type === subject_type,
        )
        if (taken)
          throw new Refused(
            refuse(tenant, 409, "A resource server with the same identifier already exists.", "conflict"),
          )
        known(audience, body.scope ?? [])
        const grant: FakeGrant = {
          id: newId("cgr_", 16),
          client_id,
          audience,
          scope: body.scope ?? [],
          subject_type,
          allow_all_scopes: body.allow_all_scopes ?? false,
          is_system: false,
        }
        grants.set(grant.id, grant)
        return { status: 201, json: shownGrant(tenant, grant) }
      },
    },
    {
      method: "PATCH",
      path: "/api/v2/client-grants/:id",
      async run(request) {
        await who(request, "update:client_grants")
        const { scope, allow_all_scopes } = bodyOf(tenant, request, grantPatchBody)
        const grant = need(request.params.id ?? "")
        if (scope) known(grant.audience, scope)
        if (scope) grant.scope = scope
        if (typeof allow_all_scopes === "boolean") grant.allow_all_scopes = allow_all_scopes
        return { status: 200, json: shownGrant(tenant, grant) }
      },
    },
    {
      method: "DELETE",
      path: "/api/v2/client-grants/:id",
      async run(request) {
        await who(request, "delete:client_grants")
        grants.delete(need(request.params.id ?? "").id)
        return { status: 204 }
      },
    },
  ]
}

/** In the mode of nulls only what names the object is left. */
const thinned = (tenant: Tenant, whole: Readonly<Record<string, unknown>>, kept: readonly string[]): unknown =>
  tenant.modes.nulls
    ? Object.fromEntries(Object.entries(whole).map(([key, value]) => [key, kept.includes(key) ? value : null]))
    : whole

const shownApi = (tenant: Tenant, api: FakeApi): unknown =>
  thinned(tenant, { ...api, allow_offline_access: false, enforce_policies: false }, ["id", "identifier"])
const shownGrant = (tenant: Tenant, grant: FakeGrant): unknown =>
  thinned(tenant, { ...grant }, ["id", "client_id", "audience"])
