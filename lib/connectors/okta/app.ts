/** How an app of Okta reads in our words, and what a PUT of it carries. Pure. */
import { isObject, type Json } from "../../base/json.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import { carriedKeys, plainKeys } from "./keys.ts"
import { writable } from "./writable.ts"
import { oktaProfile, type GrantryProfile, type RemoteApp } from "./shapes.ts"

export const grantType = "client_credentials"
/** Profile member that is ours; whatever else stands beside it is kept. */
const place = "grantry"

export const profileOf = (app: RemoteApp): GrantryProfile => oktaProfile.parse(app.profile?.[place] ?? {})

/** The OAuth client_id is our key. Should Okta hide it, our own note of it stands in. */
export const keyOfApp = (app: RemoteApp): string =>
  app.credentials?.oauthClient?.client_id ?? profileOf(app).client ?? app.id

/** A copy of an app of ours carries our note of another client_id, and so is not ours. */
export const isMarked = (app: RemoteApp): boolean =>
  profileOf(app).managed === true && (profileOf(app).client ?? keyOfApp(app)) === keyOfApp(app)

export const usesKeys = (app: RemoteApp): boolean =>
  app.credentials?.oauthClient?.token_endpoint_auth_method === "private_key_jwt"

/** Apps that services use; ours stay in sight whatever was made of them. Grantry's own is nobody's business. */
export const isServiceApp = (app: RemoteApp, ownClientId: string | undefined): boolean =>
  (app.name ?? "oidc_client") === "oidc_client" &&
  app.status !== "DELETED" &&
  keyOfApp(app) !== ownClientId &&
  (isMarked(app) ||
    app.settings?.oauthClient?.application_type === "service" ||
    app.settings?.oauthClient?.grant_types?.includes(grantType) === true)

export function clientOf(app: RemoteApp): RemoteObject {
  const profile = profileOf(app)
  const oauth = app.settings?.oauthClient
  const fields: Record<string, Json | undefined> = {
    display_name: app.label ?? undefined,
    owner: profile.owner ?? "",
    auth_method: app.credentials?.oauthClient?.token_endpoint_auth_method ?? undefined,
    jwks: oauth ? plainKeys((oauth.jwks ?? null) as Json) : undefined,
    enabled: app.status ? app.status === "ACTIVE" : undefined,
  }
  const unknown = Object.keys(fields).filter((field) => fields[field] === undefined)
  return {
    kind: "client",
    key: keyOfApp(app),
    remoteId: app.id,
    marked: isMarked(app),
    marker: profile.marker ?? null,
    fields: Object.fromEntries(Object.entries(fields).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]]))),
    ...(unknown.length === 0 ? {} : { unknown }),
  }
}

/** `POST /api/v1/apps`. The client_id is ours; the secret that Okta makes is shown to nobody, so `unseen` says when. */
export function newApp({ key, fields }: DesiredObject, marker: string, now: Date): Record<string, unknown> {
  const keyed = fields.auth_method === "private_key_jwt"
  const profile = {
    managed: true,
    client: key,
    marker,
    owner: fields.owner,
    ...(keyed ? {} : { unseen: now.toISOString() }),
  }
  return {
    name: "oidc_client",
    label: fields.display_name,
    signOnMode: "OPENID_CONNECT",
    profile: { [place]: profile },
    credentials: {
      oauthClient: { client_id: key, token_endpoint_auth_method: fields.auth_method, autoKeyRotation: true },
    },
    settings: {
      oauthClient: {
        application_type: "service",
        grant_types: [grantType],
        response_types: ["token"],
        ...((fields.jwks ?? null) === null ? {} : { jwks: fields.jwks }),
      },
      notes: { admin: "Managed by Grantry; do not edit" },
    },
  }
}

/** What Okta sets itself; a PUT ignores it, or refuses it. */
const theirs = [
  "id",
  "status",
  "created",
  "lastUpdated",
  "_links",
  "_embedded",
  "orn",
  "features",
  "universalLogout",
  "expressConfiguration",
]

/**
 * `PUT /api/v1/apps/{id}` replaces the whole app: what stands there, with the changed fields over it and without a
 * secret. `status` has calls of its own.
 */
export function changedApp(app: RemoteApp, changes: readonly FieldChange[], now: Date): Record<string, unknown> {
  const to = new Map(changes.map(({ field, to: value }) => [field, value]))
  const method = to.get("auth_method")
  const { jwks: was, ...oauth } = app.settings?.oauthClient ?? {}
  const jwks = carriedKeys((was ?? null) as Json, to.get("jwks"))
  const madeUnseen = method !== undefined && method !== "private_key_jwt" && usesKeys(app)
  return {
    ...writable(app, theirs),
    label: to.get("display_name") ?? app.label,
    profile: withProfile(app, {
      ...(to.has("owner") ? { owner: String(to.get("owner") ?? "") } : {}),
      ...(madeUnseen ? { unseen: now.toISOString() } : {}),
    }),
    credentials: writable({
      ...app.credentials,
      signing: signingOf(app),
      oauthClient: {
        ...app.credentials?.oauthClient,
        ...(method === undefined ? {} : { token_endpoint_auth_method: method }),
      },
    }),
    settings: writable({ ...app.settings, oauthClient: { ...oauth, jwks } }),
  }
}

function signingOf({ credentials }: RemoteApp): unknown {
  if (!isObject(credentials?.signing)) return undefined
  const { lastRotated: _last, nextRotation: _next, ...kept } = credentials.signing
  return kept
}

/** The same app with another note of ours in its profile. `undefined` takes a note away. */
export function withProfile(app: RemoteApp, notes: { readonly [K in keyof GrantryProfile]: unknown }) {
  const ours = { ...profileOf(app), ...notes }
  const left = Object.fromEntries(Object.entries(ours).filter(([, value]) => value !== undefined))
  return Object.keys(left).length === 0 ? (app.profile ?? {}) : { ...app.profile, [place]: left }
}
