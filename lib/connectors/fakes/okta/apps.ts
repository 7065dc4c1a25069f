import { isObject, type Json } from "../../../base/json.ts"
import type { FakeRequest, Route } from "../base/server.ts"
import { logAct, type Admin } from "./callers.ts"
import { bodyOf, invalid, listOf, notFound, paged, partOf, refusal, Refused, textOf } from "./law.ts"
import {
  newId,
  newSecretValue,
  nowText,
  type Actor,
  type Body,
  type FakeApp,
  type FakeSecret,
  type Org,
} from "./state.ts"

const methods = ["client_secret_basic", "client_secret_post", "client_secret_jwt", "none", "private_key_jwt"]
const filterable = ["id", "status", "credentials.signing.kid", "settings.slo.enabled", "name"]

export const methodOf = ({ body }: FakeApp): string =>
  textOf(partOf(partOf(body, "credentials"), "oauthClient"), "token_endpoint_auth_method")
export const usesSecrets = (app: FakeApp): boolean => methodOf(app).startsWith("client_secret")

export function newSecret(org: Org, value = newSecretValue()): FakeSecret {
  const created = nowText(org)
  return { id: newId("ocs"), value, status: "ACTIVE", created, lastUpdated: created }
}

export function appRoutes(org: Org, admin: Admin): readonly Route[] {
  const base = "/api/v1/apps"
  const [read, manage] = ["okta.apps.read", "okta.apps.manage"]
  const named = ({ params }: FakeRequest): FakeApp => {
    const app = org.apps.get(params.id ?? "")
    if (!app) throw notFound(`${params.id ?? ""} (AppInstance)`)
    return app
  }
  const act = (actor: Actor, event: string, { id, clientId }: FakeApp) =>
    logAct(org, actor, event, [
      { id, type: "AppInstance" },
      { id: clientId, type: "PublicClientApp" },
    ])

  return [
    admin("GET", base, read, (request) => {
      const [, attribute, value] = /^([\w.]+) eq "([^"]*)"$/.exec(request.query.get("filter") ?? "") ?? []
      if (request.query.has("filter") && !filterable.includes(attribute ?? ""))
        throw new Refused(refusal(400, "E0000031", "Invalid search criteria."))
      const q = request.query.get("q") ?? ""
      const found = [...org.apps.values()].filter(
        (app) =>
          (attribute !== "name" || app.body.name === value) &&
          (textOf(app.body, "label").startsWith(q) || textOf(app.body, "name").startsWith(q)),
      )
      return paged(
        request,
        found.map((app) => ({ id: app.id, json: shown(org, app) })),
        org.modes.pageSize,
      )
    }),
    admin("POST", base, manage, (request, actor) => {
      const body = bodyOf(request)
      const given = partOf(partOf(body, "credentials"), "oauthClient")
      const id = newId("0oa")
      const clientId = given.client_id === undefined ? id : textOf(given, "client_id")
      accept(body, clientId)
      if ([...org.apps.values()].some((other) => other.clientId === clientId))
        throw invalid("client_id", "client_id: An app with this client_id already exists.")
      const created = nowText(org)
      const app: FakeApp = {
        id,
        clientId,
        status: request.query.get("activate") === "false" ? "INACTIVE" : "ACTIVE",
        created,
        lastUpdated: created,
        body: kept(body, clientId),
        secrets: [],
        grants: new Set(),
        wrong: 0,
      }
      if (usesSecrets(app)) app.secrets = [newSecret(org, textOf(given, "client_secret") || undefined)]
      org.apps.set(id, app)
      act(actor, "application.lifecycle.create", app)
      return { status: 200, json: shown(org, app, true) }
    }),
    admin("GET", `${base}/:id`, read, (request) => ({ status: 200, json: shown(org, named(request)) })),
    admin("PUT", `${base}/:id`, manage, (request, actor) => {
      const app = named(request)
      const body = bodyOf(request)
      const given = partOf(partOf(body, "credentials"), "oauthClient")
      if (given.client_id !== undefined && given.client_id !== app.clientId)
        throw invalid("client_id", "client_id: The client_id cannot be changed.")
      accept(body, app.clientId)
      const had = usesSecrets(app)
      app.body = kept(body, app.clientId)
      app.lastUpdated = nowText(org)
      if (!usesSecrets(app)) app.secrets = []
      else if (!had) app.secrets = [newSecret(org)]
      // Whoever sends a secret with an update has replaced what is in use.
      if (given.client_secret !== undefined) app.secrets = [newSecret(org, textOf(given, "client_secret"))]
      act(actor, "application.lifecycle.update", app)
      return { status: 200, json: shown(org, app, true) }
    }),
    ...(["activate", "deactivate"] as const).map((verb) =>
      admin("POST", `${base}/:id/lifecycle/${verb}`, manage, (request, actor) => {
        const app = named(request)
        app.status = verb === "activate" ? "ACTIVE" : "INACTIVE"
        act(actor, `application.lifecycle.${verb}`, app)
        return { status: 200, json: {} }
      }),
    ),
    admin("DELETE", `${base}/:id`, manage, (request, actor) => {
      const app = named(request)
      if (app.status === "ACTIVE") throw new Refused(refusal(403, "E0000056", "Delete application forbidden."))
      org.apps.delete(app.id)
      act(actor, "application.lifecycle.delete", app)
      return { status: 204 }
    }),
  ]
}

/** Throws Refused 400 for what Okta would not take. */
function accept(body: Body, clientId: string): void {
  const oauth = partOf(partOf(body, "credentials"), "oauthClient")
  const settings = partOf(partOf(body, "settings"), "oauthClient")
  const method = textOf(oauth, "token_endpoint_auth_method")
  const keys = partOf(settings, "jwks").keys
  const list = Array.isArray(keys) ? keys.filter(isObject) : []
  if (body.name !== "oidc_client" || body.signOnMode !== "OPENID_CONNECT") throw invalid("name", "name: not supported")
  if (textOf(body, "label") === "") throw invalid("label", "label: The field cannot be left blank")
  if (!/^[A-Za-z0-9$\-_.+!*'(),]{6,100}$/.test(clientId) || clientId === "ALL_CLIENTS")
    throw invalid("client_id", "client_id: 6 to 100 characters are allowed.")
  if (!methods.includes(method)) throw invalid("token_endpoint_auth_method", "token_endpoint_auth_method: invalid")
  if (oauth.client_secret !== undefined) acceptSecret(oauth.client_secret)
  if (listOf(settings, "grant_types").length === 0) throw invalid("grant_types", "grant_types: must not be empty")
  if (settings.application_type === "service" && listOf(settings, "response_types").join() !== "token")
    throw invalid("response_types", "response_types: a service app has token alone")
  if (method === "private_key_jwt" && list.length === 0) throw invalid("jwks", "jwks: a key is needed")
  if (list.length > 1 && list.some(({ kid }) => typeof kid !== "string"))
    throw invalid("jwks", "kid: is needed where there are several keys")
}

export function acceptSecret(value: Json | undefined): void {
  if (typeof value !== "string" || value.length < 14) throw invalid("client_secret", "client_secret: too short")
  if (value.length > 100) throw invalid("client_secret", "client_secret: too long")
  if (!/^[\x20-\x7E]*$/.test(value)) throw invalid("client_secret", "client_secret: printable ASCII only")
}

const theirs = ["id", "status", "created", "lastUpdated", "_links", "_embedded", "orn", "features", "universalLogout"]

function kept(body: Body, clientId: string): Body {
  const credentials = partOf(body, "credentials")
  const { client_secret: _secret, ...oauth } = partOf(credentials, "oauthClient")
  const mine = Object.fromEntries(Object.entries(body).filter(([name]) => !theirs.includes(name)))
  return { ...mine, credentials: { ...credentials, oauthClient: { ...oauth, client_id: clientId } } }
}

/** The secret is shown by create and update alone. */
function shown(org: Org, app: FakeApp, written = false): Json {
  const settings = partOf(app.body, "settings")
  const credentials = partOf(app.body, "credentials")
  const secret = written ? app.secrets.find(({ status }) => status === "ACTIVE") : undefined
  const nulls = org.modes.nulls
  return {
    ...app.body,
    id: app.id,
    orn: `orn:okta:idp:00ofake:apps:oidc_client:${app.id}`,
    status: app.status,
    created: app.created,
    lastUpdated: app.lastUpdated,
    features: [],
    accessibility: { selfService: false, ...(nulls ? { errorRedirectUrl: null, loginRedirectUrl: null } : {}) },
    visibility: { autoSubmitToolbar: false, hide: { iOS: true, web: true } },
    credentials: {
      ...credentials,
      userNameTemplate: { template: "${source.login}", type: "BUILT_IN" },
      signing: { kid: `kid-${app.id}`, ...(nulls ? { nextRotation: null } : {}) },
      oauthClient: { ...partOf(credentials, "oauthClient"), ...(secret ? { client_secret: secret.value } : {}) },
    },
    settings: {
      ...settings,
      implicitAssignment: false,
      ...(nulls ? { notes: { ...partOf(settings, "notes"), enduser: null }, notifications: null } : {}),
      oauthClient: {
        ...partOf(settings, "oauthClient"),
        ...(nulls ? { client_uri: null, logo_uri: null, jwks_uri: null, network: null } : {}),
      },
    },
    ...(nulls ? { universalLogout: null, expressConfiguration: null, licensing: null } : {}),
  }
}
