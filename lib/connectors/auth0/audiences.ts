import type { Json } from "../../base/json.ts"
import { isObject } from "../../base/json.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import { goneIsDone, orNull } from "../gone.ts"
import type { Api } from "./api.ts"
import { listAll } from "./list.ts"
import { isMarkedName, markedName, plainName } from "./metadata.ts"
import { remoteApi, type RemoteApi } from "./shapes.ts"

export interface Audiences {
  /** Every API but Auth0's own. */
  all(): Promise<readonly RemoteApi[]>
  byIdentifier(identifier: string): Promise<RemoteApi | null>
  find(identifier: string): Promise<RemoteObject | null>
  create(object: DesiredObject): Promise<RemoteObject>
  update(remoteId: string, changes: readonly FieldChange[]): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
}

/** APIs ("resource servers"). The identifier is their natural key and never changes; our mark is the end of the name. */
export function audiencesPort(api: Api): Audiences {
  const path = (id: string): string => `/resource-servers/${encodeURIComponent(id)}`
  const read = (id: string): Promise<RemoteApi> =>
    api({ step: "read API", kind: "read", method: "GET", path: path(id) }, remoteApi)
  const byIdentifier = (identifier: string): Promise<RemoteApi | null> => orNull(read(identifier))

  return {
    async all() {
      const list = { path: "/resource-servers", name: "resource_servers", paging: "offset" } as const
      return (await listAll(api, list, remoteApi)).filter((one) => one.is_system !== true)
    },
    byIdentifier,
    async find(identifier) {
      const found = await byIdentifier(identifier)
      return found && found.is_system !== true ? audienceOf(found) : null
    },
    async create({ key, fields }) {
      const json = {
        identifier: key,
        ...written(fields, true),
        token_dialect: "rfc9068_profile",
        subject_type_authorization: { client: { policy: "require_client_grant" }, user: { policy: "deny_all" } },
      }
      return audienceOf(
        await api({ step: "create API", kind: "create", method: "POST", path: "/resource-servers", json }, remoteApi),
      )
    },
    async update(remoteId, changes) {
      const to = Object.fromEntries(changes.map((change) => [change.field, change.to]))
      const marked = "name" in to && isMarkedName((await read(remoteId)).name ?? "")
      const json = written(to, marked)
      return audienceOf(
        await api({ step: "update API", kind: "write", method: "PATCH", path: path(remoteId), json }, remoteApi),
      )
    },
    remove: (remoteId) =>
      goneIsDone(api({ step: "remove API", kind: "write", method: "DELETE", path: path(remoteId) }, null)),
  }
}

/** Our fields in Auth0's words. Scopes go as a whole, so what is not named there is taken away. */
function written(fields: Readonly<Record<string, Json>>, marked: boolean): Record<string, unknown> {
  const { name, scopes, token_ttl_seconds, signing_alg } = fields
  return {
    ...(typeof name === "string" ? { name: marked ? markedName(name) : name } : {}),
    ...(Array.isArray(scopes)
      ? {
          scopes: scopes
            .filter(isObject)
            .map(({ name: value, description }) => (description ? { value, description } : { value })),
        }
      : {}),
    ...(token_ttl_seconds === undefined ? {} : { token_lifetime: token_ttl_seconds }),
    ...(signing_alg === undefined ? {} : { signing_alg }),
  }
}

export function audienceOf(told: RemoteApi): RemoteObject {
  const { name } = told
  const fields: Record<string, Json | null> = {
    name: name === null ? null : plainName(name),
    scopes: told.scopes === null ? null : scopesOf(told.scopes),
    token_ttl_seconds: told.token_lifetime,
    signing_alg: told.signing_alg,
  }
  const unknown = Object.entries(fields).flatMap(([field, value]) => (value === null ? [field] : []))
  return {
    kind: "audience",
    key: told.identifier,
    remoteId: told.id,
    marked: name !== null && isMarkedName(name),
    fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)),
    ...(unknown.length === 0 ? {} : { unknown }),
  }
}

const scopesOf = (scopes: NonNullable<RemoteApi["scopes"]>): Json =>
  scopes
    .map(({ value, description }) => ({ name: value, description: description ?? "" }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
