/** A service client and its Keycloak client: what it shows of our fields, and the bodies that make and change one. Pure. */
import { isObject, type Json } from "../../base/json.ts"
import { textOf } from "../fields.ts"
import type { DesiredObject, FieldChange, Fields, RemoteObject } from "../objects.ts"
import { isOurs } from "./catalog.ts"
import { attribute, builtInClients, idFrom } from "./names.ts"
import type { Defaults } from "./realm.ts"
import type { Client } from "./shapes.ts"

const byAuthenticator: Readonly<Record<string, string>> = {
  "client-jwt": "private_key_jwt",
  "client-secret-jwt": "client_secret_jwt",
  "client-x509": "tls_client_auth",
}
const allowedMethod = "client.secret.authentication.allowed.method"
const lifespan = "access.token.lifespan"
const signingAlg = "access.token.signed.response.alg"

/** Clients with a service account, and ours whatever became of them. Keycloak's own and Grantry's own are nobody's business. */
export const isService = (client: Client, own: string): boolean =>
  (client.serviceAccountsEnabled || (isOurs(client) && client.attributes[attribute.kind] === "client")) &&
  client.clientId !== own &&
  !builtInClients.has(client.clientId)

/** May it fetch tokens for itself? Each of these switches refuses them. */
const isEnabled = ({ enabled, serviceAccountsEnabled, publicClient, bearerOnly }: Client): boolean =>
  enabled && serviceAccountsEnabled && !publicClient && !bearerOnly

/**
 * What a client shows of our fields. One that is not ours is shown with the realm's lifetime and algorithm where it has none
 * of its own (`defaults`): that is what its tokens have, and what adopting it must keep.
 */
export function clientObject(client: Client, defaults: Defaults): RemoteObject {
  const { attributes } = client
  const marked = isOurs(client)
  return {
    kind: "client",
    key: client.clientId,
    remoteId: client.id,
    marked,
    marker: attributes[attribute.marker] ?? null,
    fields: {
      display_name: client.name,
      owner: attributes[attribute.owner] ?? "",
      auth_method: methodOf(client),
      jwks: jwksOf(client),
      enabled: isEnabled(client),
      token_ttl_seconds: secondsOf(attributes[lifespan]) ?? (marked ? null : defaults.seconds),
      signing_alg: attributes[signingAlg] || (marked ? null : defaults.alg),
    },
    // Keys behind an address are not keys that we can compare.
    ...(attributes["use.jwks.url"] === "true" ? { unknown: ["jwks"] } : {}),
  }
}

function methodOf({ clientAuthenticatorType: type, attributes }: Client): string {
  const known = byAuthenticator[type]
  if (known !== undefined) return known
  if (type !== "" && type !== "client-secret") return type
  return attributes[allowedMethod] || "client_secret_basic"
}

function jwksOf({ attributes }: Client): Json {
  if (attributes["use.jwks.string"] !== "true") return null
  try {
    const parsed: unknown = JSON.parse(attributes["jwks.string"] ?? "")
    return isObject(parsed) ? (parsed as Json) : null
  } catch {
    return null
  }
}

const secondsOf = (text: string | undefined): Json => (text ? (/^-?\d{1,9}$/.test(text) ? Number(text) : text) : null)

type Part = { readonly top: Record<string, unknown>; readonly attributes: Record<string, string> }

/** One of our fields in Keycloak's words. An attribute of "" is removed. */
const parts: Readonly<Record<string, (value: Json) => Part>> = {
  display_name: (value) => ({ top: { name: textOf(value) }, attributes: {} }),
  owner: (value) => ({
    top: { description: value ? `owner: ${textOf(value)}`.slice(0, 255) : "" },
    attributes: { [attribute.owner]: textOf(value) },
  }),
  auth_method: (value) =>
    value === "private_key_jwt"
      ? { top: { clientAuthenticatorType: "client-jwt" }, attributes: { [allowedMethod]: "" } }
      : { top: { clientAuthenticatorType: "client-secret" }, attributes: { [allowedMethod]: textOf(value) } },
  jwks: (value) => ({
    top: {},
    attributes: {
      "use.jwks.string": value === null ? "" : "true",
      "jwks.string": value === null ? "" : JSON.stringify(value),
      "use.jwks.url": "",
    },
  }),
  enabled: (value) => ({
    top:
      value === true
        ? { enabled: true, serviceAccountsEnabled: true, publicClient: false, bearerOnly: false }
        : { enabled: false },
    attributes: {},
  }),
  token_ttl_seconds: (value) => ({ top: {}, attributes: { [lifespan]: value === null ? "" : String(value) } }),
  signing_alg: (value) => ({ top: {}, attributes: { [signingAlg]: textOf(value) } }),
}

function written(fields: Fields): Record<string, unknown> & { readonly attributes: Record<string, string> } {
  let top: Part["top"] = {}
  let attributes: Part["attributes"] = {}
  for (const [field, value] of Object.entries(fields)) {
    const part = parts[field]?.(value)
    if (!part) continue
    top = { ...top, ...part.top }
    attributes = { ...attributes, ...part.attributes }
  }
  return { ...top, attributes }
}

/** The id of the client that this change makes; asked again after a lost answer. */
export const newClientId = (realm: string, marker: string, key: string): string => idFrom(realm, marker, key)

/** `POST /clients`. Absent flags would mean the browser flows and full scope, so each is sent. */
export function newClient(
  id: string,
  { key, fields }: DesiredObject,
  marker: string,
  optionalClientScopes: readonly string[],
): Record<string, unknown> {
  const { attributes, ...top } = written(fields)
  return {
    ...bare(id, key),
    ...top,
    serviceAccountsEnabled: true,
    defaultClientScopes: ["basic"],
    optionalClientScopes,
    attributes: {
      "access.token.header.type.rfc9068": "true",
      "client_credentials.use_refresh_token": "false",
      "use.refresh.tokens": "false",
      ...withoutEmpty(attributes),
      [attribute.managed]: "true",
      [attribute.kind]: "client",
      [attribute.marker]: marker,
      [attribute.rotation]: "true",
      [attribute.secret]: "unseen",
    },
  }
}

/** The resource-server client of an audience: it holds the credentials that may introspect its tokens, and asks for none itself. */
export const newResourceServer = (
  id: string,
  { key, fields }: DesiredObject,
  marker: string,
): Record<string, unknown> => ({
  ...bare(id, key),
  name: textOf(fields.name),
  serviceAccountsEnabled: false,
  defaultClientScopes: [],
  attributes: {
    [attribute.managed]: "true",
    [attribute.kind]: "audience",
    [attribute.marker]: marker,
    [attribute.rotation]: "true",
  },
})

const bare = (id: string, clientId: string): Record<string, unknown> => ({
  id,
  clientId,
  enabled: true,
  protocol: "openid-connect",
  publicClient: false,
  bearerOnly: false,
  standardFlowEnabled: false,
  implicitFlowEnabled: false,
  directAccessGrantsEnabled: false,
  fullScopeAllowed: false,
  consentRequired: false,
  frontchannelLogout: false,
  clientAuthenticatorType: "client-secret",
  redirectUris: [],
  webOrigins: [],
  optionalClientScopes: [],
})

const withoutEmpty = (attributes: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""))

/** `PUT /clients/{id}` with the changed fields only. Attributes are merged there and always sent: without them it may be 500. */
export const clientUpdate = (changes: readonly FieldChange[]): Record<string, unknown> =>
  written(Object.fromEntries(changes.map(({ field, to }) => [field, to])))
