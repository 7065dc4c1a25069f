import type { Json } from "../../../base/json.ts"
import type { FakeRequest, Route } from "../base/server.ts"
import { logAct, type Admin } from "./callers.ts"
import { bodyOf, forbidden, invalid, listOf, notFound, paged, textOf } from "./law.ts"
import { lazyKey, newId, nowText, type Body, type FakeScope, type FakeServer, type Org } from "./state.ts"

const base = "/api/v1/authorizationServers"
export const [readServers, manageServers] = ["okta.authorizationServers.read", "okta.authorizationServers.manage"]
const systemScopes = ["openid", "profile", "email", "address", "phone", "offline_access", "device_sso"]

export const serverOf = (org: Org, { params }: FakeRequest): FakeServer => {
  const server = org.servers.get(params.server ?? "")
  if (!server) throw notFound(`${params.server ?? ""} (AuthorizationServer)`)
  return server
}

export function addServer(org: Org, body: Body, id = newId("aus")): FakeServer {
  const created = nowText(org)
  const scopes = systemScopes.map((name): FakeScope => ({ id: newId("scp"), system: true, body: { name } }))
  const server = {
    id,
    created,
    lastUpdated: created,
    status: "ACTIVE",
    body,
    scopes,
    policies: [],
    key: lazyKey(id),
  } as const
  const made: FakeServer = { ...server, scopes, policies: [] }
  org.servers.set(id, made)
  return made
}

export function serverRoutes(org: Org, admin: Admin): readonly Route[] {
  const shown = ({ id, body, status, created, lastUpdated }: FakeServer, origin: string): Json => ({
    ...body,
    id,
    issuer: `${origin}/oauth2/${id}`,
    status,
    created,
    lastUpdated,
    credentials: {
      signing: { kid: `kid-${id}`, rotationMode: "AUTO", use: "sig", lastRotated: created, nextRotation: created },
    },
    ...(org.modes.nulls ? { description: body.description ?? null, jwks: null, jwks_uri: null } : {}),
  })

  return [
    admin("GET", base, readServers, (request) => {
      const q = request.query.get("q") ?? ""
      const found = [...org.servers.values()].filter(
        ({ body }) => textOf(body, "name").includes(q) || listOf(body, "audiences").some((one) => one.includes(q)),
      )
      return paged(
        request,
        found.map((one) => ({ id: one.id, json: shown(one, request.origin) })),
        org.modes.pageSize,
      )
    }),
    admin("POST", base, manageServers, (request, actor) => {
      const server = addServer(org, accepted(bodyOf(request)))
      logAct(org, actor, "oauth2.as.created", [{ id: server.id, type: "AuthorizationServer" }])
      return { status: 201, json: shown(server, request.origin) }
    }),
    admin("GET", `${base}/:server`, readServers, (request) => ({
      status: 200,
      json: shown(serverOf(org, request), request.origin),
    })),
    admin("PUT", `${base}/:server`, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      server.body = accepted(bodyOf(request))
      server.lastUpdated = nowText(org)
      logAct(org, actor, "oauth2.as.updated", [{ id: server.id, type: "AuthorizationServer" }])
      return { status: 200, json: shown(server, request.origin) }
    }),
    ...(["activate", "deactivate"] as const).map((verb) =>
      admin("POST", `${base}/:server/lifecycle/${verb}`, manageServers, (request, actor) => {
        const server = serverOf(org, request)
        server.status = verb === "activate" ? "ACTIVE" : "INACTIVE"
        logAct(org, actor, `oauth2.as.${verb}d`, [{ id: server.id, type: "AuthorizationServer" }])
        return { status: 204 }
      }),
    ),
    admin("DELETE", `${base}/:server`, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      if (server.status === "ACTIVE" || server.id === "default") throw forbidden()
      org.servers.delete(server.id)
      logAct(org, actor, "oauth2.as.deleted", [{ id: server.id, type: "AuthorizationServer" }])
      return { status: 204 }
    }),
    ...scopeRoutes(org, admin),
  ]
}

/** "Okta currently supports only one audience." */
function accepted(body: Body): Body {
  if (textOf(body, "name") === "") throw invalid("name", "name: The field cannot be left blank")
  if (listOf(body, "audiences").length !== 1) throw invalid("audiences", "audiences: exactly one is supported")
  const { name, audiences, description, issuerMode } = body
  return Object.fromEntries(
    Object.entries({ name, audiences, description, issuerMode: issuerMode ?? "ORG_URL" }).flatMap(([member, value]) =>
      value === undefined ? [] : [[member, value]],
    ),
  )
}

function scopeRoutes(org: Org, admin: Admin): readonly Route[] {
  const path = `${base}/:server/scopes`
  const shown = ({ id, system, body }: FakeScope): Json => ({
    consent: "IMPLICIT",
    metadataPublish: "NO_CLIENTS",
    default: false,
    optional: false,
    ...(org.modes.nulls ? { displayName: null, description: null } : {}),
    ...body,
    id,
    system,
  })
  const scopeOf = (server: FakeServer, { params }: FakeRequest): FakeScope => {
    const scope = server.scopes.find(({ id }) => id === params.scope)
    if (!scope) throw notFound(`${params.scope ?? ""} (OAuth2Scope)`)
    if (scope.system) throw forbidden()
    return scope
  }
  const act = (actor: Parameters<typeof logAct>[1], verb: string, server: FakeServer, { id }: FakeScope) =>
    logAct(org, actor, `oauth2.scope.${verb}`, [{ id, type: "OAuth2Scope" }], { authorizationServer: server.id })

  return [
    admin("GET", path, readServers, (request) =>
      paged(
        request,
        serverOf(org, request).scopes.map((one) => ({ id: one.id, json: shown(one) })),
        org.modes.pageSize,
      ),
    ),
    admin("POST", path, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const body = bodyOf(request)
      const name = textOf(body, "name")
      if (name === "" || /\s/.test(name)) throw invalid("name", "name: The field cannot be left blank")
      if (server.scopes.some((one) => one.body.name === name)) throw invalid("name", "name: The scope exists already.")
      const scope: FakeScope = { id: newId("scp"), system: false, body }
      server.scopes.push(scope)
      act(actor, "created", server, scope)
      return { status: 201, json: shown(scope) }
    }),
    admin("PUT", `${path}/:scope`, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const scope = scopeOf(server, request)
      scope.body = bodyOf(request)
      act(actor, "updated", server, scope)
      return { status: 200, json: shown(scope) }
    }),
    admin("DELETE", `${path}/:scope`, manageServers, (request, actor) => {
      const server = serverOf(org, request)
      const scope = scopeOf(server, request)
      server.scopes = server.scopes.filter((one) => one !== scope)
      act(actor, "deleted", server, scope)
      return { status: 204 }
    }),
  ]
}
