import type { z } from "zod"
import { call } from "../call.ts"
import { goneIsDone } from "../gone.ts"
import { introspected } from "../introspection.ts"
import { ConnectorError } from "../connector-error.ts"
import { objectKinds, splitGrantKey, type DesiredObject, type ObjectKind, type RemoteObject } from "../objects.ts"
import type { Connector, Endpoints, Opened } from "../port.ts"
import type { SecretsPort } from "../secrets-port.ts"
import type { WritePort } from "../write-port.ts"
import { adminOf, type Admin } from "./admin.ts"
import { changesPort } from "./changes.ts"
import { check } from "./check.ts"
import { project, reject } from "./rules.ts"
import { discovery, found, localSettings, markPrefix, objectSchemas, secret, secretList, statePage } from "./shapes.ts"

const pageSize = 200
const pagesMax = 5_000
/** A page of 200 audiences may each carry a thousand scopes. */
const pageBytesMax = 64_000_000

const collections: Readonly<Record<ObjectKind, string>> = { audience: "audiences", client: "clients", grant: "grants" }

/** The fields that Grantry owns on each kind. Whatever else a change may name is not written. */
const owned: Readonly<Record<ObjectKind, readonly string[]>> = {
  audience: ["name", "scopes", "token_ttl_seconds", "token_format", "signing_alg"],
  client: ["display_name", "owner", "auth_method", "jwks", "enabled"],
  grant: ["scopes"],
}

/** The connector for Grantry's own local identity provider, over its admin API. Settings: `localSettings`. */
export function openLocal(opened: Opened): Connector {
  const settings = localSettings.parse(opened.settings)
  const admin = adminOf(opened, settings)
  const endpoints = () => readEndpoints(opened, settings.issuer)
  return {
    kind: "local",
    check: () => check(opened.fetch, admin, endpoints, settings.issuer),
    endpoints,
    reject,
    project,
    write: writePort(admin),
    secrets: secretsPort(admin),
    introspection: {
      introspect: (token) =>
        admin(
          { step: "introspect", kind: "read", method: "POST", path: "/introspect", json: { token }, hide: [token] },
          introspected,
        ),
    },
    events: {
      cannot: "It ships its token events to Grantry by itself.",
      source: "lib/playground/idp: a durable outbox, sent to POST /api/v1/events",
    },
    changes: changesPort(admin, opened.providerId),
    shape: (desired) => ({ objects: desired, notes: [] }),
    clientIdOf: ({ key }) => key,
    tokenRequest: async (audience, scopes) => ({
      tokenEndpoint: `${settings.issuer}/token`,
      issuer: settings.issuer,
      parameters: { resource: audience, ...(scopes.length > 0 ? { scope: scopes.join(" ") } : {}) },
    }),
  }
}

async function readEndpoints(opened: Opened, issuer: string): Promise<Endpoints> {
  const step = "read discovery"
  const told = await call(
    opened.fetch,
    { step, kind: "read", method: "GET", url: `${issuer}/.well-known/openid-configuration` },
    discovery,
  )
  if (told.issuer !== issuer)
    throw new ConnectorError("unknown", step, "The discovery document names another issuer than the configured one.")
  return {
    issuer,
    tokenEndpoint: told.token_endpoint,
    jwksUri: told.jwks_uri,
    introspectionEndpoint: told.introspection_endpoint ?? null,
  }
}

function writePort(admin: Admin): WritePort {
  return {
    observe: () => observe(admin),
    find: (kind, key) => find(admin, kind, key),
    async create(object, marker) {
      const json = { ...ends(object), ...pick(object.kind, object.fields), marker: `${markPrefix}${marker}` }
      return await admin(
        { step: `create ${object.kind}`, kind: "create", method: "POST", path: `/${collections[object.kind]}`, json },
        objectSchemas[object.kind],
      )
    },
    async update(remoteId, object, changes) {
      const json = pick(object.kind, Object.fromEntries(changes.map(({ field, to }) => [field, to])))
      const path = `/${collections[object.kind]}/${encodeURIComponent(remoteId)}`
      return await admin(
        { step: `update ${object.kind}`, kind: "write", method: "PATCH", path, json },
        objectSchemas[object.kind],
      )
    },
    async remove(kind, remoteId) {
      const path = `/${collections[kind]}/${encodeURIComponent(remoteId)}`
      await goneIsDone(admin({ step: `remove ${kind}`, kind: "write", method: "DELETE", path }, null))
    },
  }
}

/** Reads all pages. A cursor that stands still, or a list without an end, is an error and never a half answer (T32). */
async function observe(admin: Admin): Promise<readonly RemoteObject[]> {
  const objects: RemoteObject[] = []
  const seen = new Set<string>()
  const step = "read everything"
  let cursor: string | null = null
  for (let page = 0; page < pagesMax; page++) {
    const path: string = `/state?limit=${pageSize}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`
    const { items, next }: z.output<typeof statePage> = await admin(
      { step, kind: "read", method: "GET", path, maxBytes: pageBytesMax, timeoutMs: 20_000 },
      statePage,
    )
    for (const item of items) {
      const kind = objectKinds.find((known) => known === item.kind)
      if (kind) objects.push(readObject(kind, item, step))
    }
    if (next === null) return objects
    if (seen.has(next)) throw new ConnectorError("unknown", step, "The provider's list does not advance.")
    seen.add(next)
    cursor = next
  }
  throw new ConnectorError("unknown", step, `The provider's list is longer than ${pagesMax} pages.`)
}

function readObject(kind: ObjectKind, item: unknown, step: string): RemoteObject {
  const parsed = objectSchemas[kind].safeParse(item)
  if (parsed.success) return parsed.data
  throw new ConnectorError(
    "unknown",
    step,
    `The provider shows a ${kind} that cannot be read: ${parsed.error.issues[0]?.path.join(".") ?? ""}`,
  )
}

async function find(admin: Admin, kind: ObjectKind, key: string): Promise<RemoteObject | null> {
  const step = `find ${kind}`
  const query = new URLSearchParams(ends({ kind, key })).toString()
  const { items } = await admin(
    { step, kind: "read", method: "GET", path: `/${collections[kind]}?${query}`, maxBytes: pageBytesMax },
    found,
  )
  const objects = items.map((item) => readObject(kind, item, step))
  return objects.find((object) => object.key === key) ?? null
}

/** The words by which the admin API names an object. */
function ends({ kind, key }: Pick<DesiredObject, "kind" | "key">): Record<string, string> {
  if (kind === "client") return { client_id: key }
  if (kind === "audience") return { identifier: key }
  const { client, audience } = splitGrantKey(key)
  return { client_id: client, audience }
}

const pick = (kind: ObjectKind, fields: DesiredObject["fields"]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([field]) => owned[kind].includes(field)))

function secretsPort(admin: Admin): SecretsPort {
  const idOf = async (client: string): Promise<string> => {
    const remote = await find(admin, "client", client)
    if (!remote) throw new ConnectorError("not_found", "find client", "The provider does not have this client.")
    return encodeURIComponent(remote.remoteId)
  }
  return {
    liveMax: 10,
    chooser: "either",
    expiry: "per_secret",
    list: "ids",
    end: "by_id",
    strategy: "overlap",
    evidenceByLog: "A",
    async issue({ client, value, fingerprint, marker, expiresAt }) {
      const path = `/clients/${await idOf(client)}/secrets`
      const json = { value, fingerprint, marker: `${markPrefix}${marker}`, expires_at: expiresAt }
      return await admin({ step: "issue secret", kind: "create", method: "POST", path, json, hide: [value] }, secret)
    },
    async listSecrets(client) {
      const path = `/clients/${await idOf(client)}/secrets`
      return (await admin({ step: "list secrets", kind: "read", method: "GET", path }, secretList)).items
    },
    async retire(client, secretRemoteId) {
      const remote = await find(admin, "client", client)
      if (!remote) return
      const path = `/clients/${encodeURIComponent(remote.remoteId)}/secrets/${encodeURIComponent(secretRemoteId)}`
      await goneIsDone(admin({ step: "retire secret", kind: "write", method: "DELETE", path }, null))
    },
  }
}
