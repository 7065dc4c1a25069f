/** Descriptors as our objects, and back. Pure. */
import { isObject, type Json } from "../../base/json.ts"
import { textOf } from "../fields.ts"
import { grantKey, type Fields, type RemoteObject } from "../objects.ts"
import { secondsOf, timeSpan } from "../time-span.ts"
import type { Application, Resource, Scope, State } from "./bundle.ts"

/** OpenIddictConstants.Permissions. */
export const permissions = {
  token: "ept:token",
  clientCredentials: "gt:client_credentials",
  scope: "scp:",
} as const
/** OpenIddictConstants.Settings.TokenLifetimes.AccessToken: a TimeSpan as text. */
const lifetime = "tkn_lft:act"
/** Our place in an entry's Properties. */
const place = "grantry"

export type Mark = Readonly<Record<string, Json>>
export const markOf = (entry: { readonly properties: Readonly<Record<string, Json>> }): Mark | null => {
  const mark = entry.properties[place]
  return isObject(mark) ? (mark as Mark) : null
}
export const withMark = <T extends { readonly properties: Readonly<Record<string, Json>> }>(
  entry: T,
  mark: Mark,
): T => ({
  ...entry,
  properties: { ...entry.properties, [place]: { ...markOf(entry), ...mark } },
})

const authMethods = ["client_secret_basic", "client_secret_post", "private_key_jwt"]

export function clientFields(entry: Application): Fields {
  const told = textOf(markOf(entry)?.auth_method)
  const method = authMethods.includes(told)
    ? told
    : entry.jsonWebKeySet === null
      ? "client_secret_basic"
      : "private_key_jwt"
  return {
    display_name: entry.displayName,
    owner: textOf(markOf(entry)?.owner),
    auth_method: method,
    jwks: entry.jsonWebKeySet,
    enabled: entry.permissions.includes(permissions.token),
    token_ttl_seconds: secondsOf(entry.settings[lifetime]),
  }
}

/** The entry with our fields written over what it holds; everything else of it stays. */
export function withClientFields(entry: Application, fields: Fields): Application {
  const { display_name, owner, auth_method, jwks = null, enabled, token_ttl_seconds: ttl } = fields
  const others = entry.permissions.filter((one) => one !== permissions.token && one !== permissions.clientCredentials)
  const { [lifetime]: _before, ...settings } = entry.settings
  return withMark(
    {
      ...entry,
      clientType: "confidential",
      displayName: textOf(display_name),
      jsonWebKeySet: jwks,
      permissions: [
        ...(enabled === false ? [] : [permissions.token]),
        permissions.clientCredentials,
        ...others,
      ].toSorted(),
      settings: typeof ttl === "number" ? { ...settings, [lifetime]: timeSpan(ttl) } : settings,
    },
    { owner: owner ?? "", auth_method: auth_method ?? null },
  )
}

export const newApplication = (clientId: string): Application => ({
  clientId,
  clientType: "confidential",
  displayName: "",
  displayNames: {},
  jsonWebKeySet: null,
  permissions: [],
  resources: [],
  settings: {},
  properties: {},
})

export const isMachine = (entry: Application): boolean => entry.permissions.includes(permissions.clientCredentials)

/** Our word for a scope: its name, unless another audience had that one first. */
export const wordOf = (entry: Scope): string => textOf(markOf(entry)?.scope) || entry.name
export const scopesOf = (state: State, audience: string): readonly Scope[] =>
  state.scopes.filter(({ resources }) => resources.includes(audience))

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)

const marks = (entry: { readonly properties: Readonly<Record<string, Json>> }) => {
  const marker = markOf(entry)?.marker
  return { marked: typeof marker === "string", marker: typeof marker === "string" ? marker : null }
}

export const remoteClient = (entry: Application): RemoteObject => ({
  kind: "client",
  key: entry.clientId,
  remoteId: textOf(markOf(entry)?.id) || entry.clientId,
  ...marks(entry),
  fields: clientFields(entry),
})

export const remoteAudience = (state: State, entry: Resource): RemoteObject => ({
  kind: "audience",
  key: entry.identifier,
  remoteId: textOf(markOf(entry)?.id) || entry.identifier,
  ...marks(entry),
  fields: {
    name: entry.displayName,
    scopes: scopesOf(state, entry.identifier)
      .map((one) => ({ name: wordOf(one), description: one.description }))
      .toSorted(byName),
    token_format: entry.tokenFormat === "reference" ? "opaque" : "jwt",
  },
})

/** Every audience that a client's scopes reach, as a grant. */
export function remoteGrants(state: State, entry: Application): readonly RemoteObject[] {
  const held = new Set(
    entry.permissions
      .filter((one) => one.startsWith(permissions.scope))
      .map((one) => one.slice(permissions.scope.length)),
  )
  const ours = markOf(entry)?.grants
  const markers: Readonly<Record<string, unknown>> = isObject(ours) ? ours : {}
  return state.resources.flatMap(({ identifier }): RemoteObject[] => {
    const scopes = scopesOf(state, identifier)
      .filter(({ name }) => held.has(name))
      .map(wordOf)
    const marker = markers[identifier]
    if (scopes.length === 0 && marker === undefined) return []
    return [
      {
        kind: "grant",
        key: grantKey(entry.clientId, identifier),
        remoteId: `${entry.clientId} ${identifier}`,
        marked: typeof marker === "string",
        marker: typeof marker === "string" ? marker : null,
        fields: { scopes: scopes.toSorted() },
      },
    ]
  })
}

export const everything = (state: State): readonly RemoteObject[] => [
  ...state.resources.map((entry) => remoteAudience(state, entry)),
  ...state.applications.filter(isMachine).map(remoteClient),
  ...state.applications.filter(isMachine).flatMap((entry) => remoteGrants(state, entry)),
]
