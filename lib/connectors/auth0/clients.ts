import { z } from "zod"
import type { Json } from "../../base/json.ts"
import { textOf } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import { directory } from "../directory.ts"
import { goneIsDone, orNull } from "../gone.ts"
import type { Api, ApiCall } from "./api.ts"
import { directoryOf, grantType, isServiceClient } from "./directory.ts"
import type { Keys } from "./keys.ts"
import { listAll } from "./list.ts"
import { metadataKeys, metadataOf } from "./metadata.ts"
import { clientFields, remoteClient, type RemoteClient } from "./shapes.ts"

export type Patch = Pick<ApiCall, "step"> & Partial<Pick<ApiCall, "kind" | "hide">>

export interface Clients {
  /** Every service client under its key, read afresh. */
  all(): Promise<ReadonlyMap<string, RemoteClient>>
  /** The client of this name; null when it is not there. */
  byKey(key: string): Promise<RemoteClient | null>
  /** Its client_id, as it was a minute ago at most. */
  idOf(key: string): Promise<string | null>
  observe(directory: ReadonlyMap<string, RemoteClient>): Promise<readonly RemoteObject[]>
  find(key: string): Promise<RemoteObject | null>
  create(object: DesiredObject, marker: string): Promise<RemoteObject>
  update(remoteId: string, object: DesiredObject, changes: readonly FieldChange[]): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
  /** Changes properties of one client; what is not named stays. */
  patch(remoteId: string, json: Readonly<Record<string, unknown>>, how: Patch): Promise<RemoteClient>
}

/** Clients have no natural key: they are found by the name that we keep in their metadata, in a list of all. */
export function clientsPort(api: Api, keys: Keys, ownClientId: string): Clients {
  const path = (id: string): string => `/clients/${encodeURIComponent(id)}`

  const read = (id: string): Promise<RemoteClient> =>
    api(
      {
        step: "read client",
        kind: "read",
        method: "GET",
        path: `${path(id)}?fields=${encodeURIComponent(clientFields)}&include_fields=true`,
      },
      remoteClient,
    )

  const list = { path: "/clients", name: "clients", query: { fields: clientFields, include_fields: "true" } }
  const names = directory<RemoteClient>(
    async () =>
      (await listAll(api, { ...list, paging: "checkpoint" }, remoteClient)).filter((client) =>
        isServiceClient(client, ownClientId),
      ),
    directoryOf,
    ({ client_id }) => client_id,
  )

  async function byKey(key: string): Promise<RemoteClient | null> {
    const listed = names.seen(key)
    if (listed) {
      const now = await orNull(read(listed.client_id))
      if (now && isStillNamed(now, key, listed)) return now
    }
    return (await (listed ? names.fresh() : names.recent())).get(key) ?? null
  }

  const patch: Clients["patch"] = async (remoteId, json, how) => {
    if (remoteId === ownClientId) throw ownClient(how.step)
    return await api({ kind: "write", ...how, method: "PATCH", path: path(remoteId), json }, remoteClient)
  }

  async function remoteOf(key: string, client: RemoteClient): Promise<RemoteObject> {
    const method = authMethodOf(client)
    const ids = client.client_authentication_methods?.private_key_jwt?.credentials ?? []
    const marker = metadataOf(client, "marker")
    const told = {
      display_name: client.name,
      auth_method: method,
      enabled: client.grant_types === null ? null : client.grant_types.includes(grantType),
    }
    const unknown = Object.entries(told).flatMap(([field, value]) => (value === null ? [field] : []))
    const jwks = await keys.read(
      client.client_id,
      ids.map(({ id }) => id),
    )
    return {
      kind: "client",
      key,
      remoteId: client.client_id,
      marked: marker !== null,
      marker,
      fields: {
        ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
        owner: metadataOf(client, "owner") ?? "",
        jwks,
      },
      ...(unknown.length === 0 ? {} : { unknown }),
    }
  }

  /** Secret or keys, one at a time: Auth0 refuses both together. */
  async function prove(remoteId: string, { fields }: DesiredObject, was: string | null): Promise<void> {
    const how = { step: "update client" }
    if (fields.auth_method === "private_key_jwt") {
      await keys.replace(remoteId, fields.jwks, async (ids) => {
        const credentials = ids.map((id) => ({ id }))
        const methods = { client_authentication_methods: { private_key_jwt: { credentials } } }
        await patch(
          remoteId,
          was === "private_key_jwt" ? methods : { token_endpoint_auth_method: null, ...methods },
          how,
        )
      })
      return
    }
    const secret = { token_endpoint_auth_method: fields.auth_method }
    const leaving = was === "private_key_jwt"
    await patch(remoteId, leaving ? { client_authentication_methods: null, ...secret } : secret, how)
    if (leaving) await keys.clear(remoteId)
  }

  return {
    all: names.fresh,
    byKey,
    idOf: async (key) => (await names.recent()).get(key)?.client_id ?? null,
    patch,
    observe: async (directory) => {
      const objects: RemoteObject[] = []
      for (const [key, client] of directory) objects.push(await remoteOf(key, client))
      return objects
    },
    async find(key) {
      const client = await byKey(key)
      return client && (await remoteOf(key, client))
    },
    async create(object, marker) {
      const step = "create client"
      if ((await names.recent()).has(object.key))
        throw new ConnectorError("conflict", step, "A client of this name is there already; Auth0 would make a second.")
      const json = await newClient(object, marker, keys)
      const made = await names.making(
        object.key,
        api({ step, kind: "create", method: "POST", path: "/clients", json }, remoteClient),
      )
      await keys.settle(made.client_id, json.client_authentication_methods === undefined ? null : object.fields.jwks)
      return await remoteOf(object.key, made)
    },
    async update(remoteId, object, changes) {
      const now = await read(remoteId)
      const json = changedClient(now, object, changes)
      if (Object.keys(json).length > 0) await patch(remoteId, json, { step: "update client" })
      if (changes.some(({ field }) => field === "auth_method" || field === "jwks"))
        await prove(remoteId, object, authMethodOf(now))
      return await remoteOf(object.key, await read(remoteId))
    },
    async remove(remoteId) {
      if (remoteId === ownClientId) throw ownClient("remove client")
      const call = { step: "remove client", kind: "write", method: "DELETE", path: path(remoteId) } as const
      await names.removing(remoteId, goneIsDone(api(call, null)))
    },
  }
}

/** It carries this name by now, or what it was listed by: the name that we keep on it, else its display name. */
const isStillNamed = (now: RemoteClient, key: string, listed: RemoteClient): boolean => {
  const label = metadataOf(now, "name")
  return label === key || (label === metadataOf(listed, "name") && (label !== null || now.name === listed.name))
}

const ownClient = (step: string) =>
  new ConnectorError("unsupported", step, "This is the application by which Grantry itself logs in.")

const otherMethods = z.record(z.string(), z.unknown())

/** A method that Grantry does not offer (mutual TLS, none) is told by its own word. Null: Auth0 did not tell. */
export function authMethodOf(client: RemoteClient): string | null {
  const methods = otherMethods.safeParse(client.client_authentication_methods).data ?? {}
  const [method] = Object.entries(methods).find(([, value]) => value !== null && value !== undefined) ?? []
  return method ?? client.token_endpoint_auth_method
}

async function newClient({ key, fields }: DesiredObject, marker: string, keys: Keys): Promise<Record<string, unknown>> {
  const owner = textOf(fields.owner)
  return {
    name: textOf(fields.display_name),
    description: `Service client ${key}, managed by Grantry.`.slice(0, 140),
    app_type: "non_interactive",
    oidc_conformant: true,
    // Without them a tenant gives every grant type, and signs ID tokens with the client's secret.
    grant_types: fields.enabled === false ? [] : [grantType],
    jwt_configuration: { alg: "RS256" },
    ...(fields.auth_method === "private_key_jwt"
      ? { client_authentication_methods: { private_key_jwt: { credentials: await keys.bodies(fields.jwks) } } }
      : { token_endpoint_auth_method: fields.auth_method }),
    client_metadata: {
      [metadataKeys.name]: key,
      [metadataKeys.marker]: marker,
      ...(owner === "" ? {} : { [metadataKeys.owner]: owner }),
    },
  }
}

/** The PATCH body of everything but credentials. An adopted client gets its name with the first change, never our mark. */
function changedClient(
  now: RemoteClient,
  { key }: DesiredObject,
  changes: readonly FieldChange[],
): Record<string, unknown> {
  const to = new Map<string, Json>(changes.map((change) => [change.field, change.to]))
  if (now.grant_types === null && to.has("enabled"))
    throw new ConnectorError("unknown", "update client", "Auth0 does not tell the grant types of this client.")
  const grants = (now.grant_types ?? []).filter((name) => name !== grantType)
  const metadata = {
    ...(to.has("owner") ? { [metadataKeys.owner]: textOf(to.get("owner")) || null } : {}),
    ...(metadataOf(now, "name") === null ? { [metadataKeys.name]: key } : {}),
  }
  return {
    ...(to.has("display_name") ? { name: textOf(to.get("display_name")) } : {}),
    ...(to.has("enabled") ? { grant_types: to.get("enabled") === false ? grants : [...grants, grantType] } : {}),
    ...(Object.keys(metadata).length === 0 ? {} : { client_metadata: metadata }),
  }
}
