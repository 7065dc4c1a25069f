import { isObject, type Json } from "../../base/json.ts"
import {
  ConnectorError,
  splitGrantKey,
  type DesiredObject,
  type Fields,
  type ObjectKind,
  type RemoteObject,
  type WritePort,
} from "../port.ts"
import type { Application, Patch, Resource, Scope, State } from "./bundle.ts"
import {
  everything,
  isMachine,
  markOf,
  newApplication,
  permissions,
  remoteAudience,
  remoteClient,
  remoteGrants,
  scopesOf,
  withClientFields,
  withMark,
  wordOf,
} from "./objects.ts"
import type { BundleStore } from "./store.ts"

/** Every write names its entries whole, and refers to the state that it was made from. */
export function writePort(store: BundleStore, newId: () => string): WritePort {
  const find = (state: State, kind: ObjectKind, key: string): RemoteObject | null => {
    const { client } = splitGrantKey(key)
    if (kind === "audience") {
      const entry = state.resources.find(({ identifier }) => identifier === key)
      return entry ? remoteAudience(state, entry) : null
    }
    const entry = state.applications.find((one) => one.clientId === (kind === "client" ? key : client))
    if (!entry || !isMachine(entry)) return null
    if (kind === "client") return remoteClient(entry)
    return remoteGrants(state, entry).find((grant) => grant.key === key) ?? null
  }
  const there = async (step: string, kind: ObjectKind, key: string): Promise<RemoteObject> => {
    const found = find(await store.read(step), kind, key)
    if (found) return found
    throw new ConnectorError("not_found", step, "The host does not have what was just written.")
  }
  return {
    observe: async () => everything(await store.read("read everything")),
    find: async (kind, key) => find(await store.read(`find ${kind}`), kind, key),
    async create(object, marker) {
      const step = `create ${object.kind}`
      const before = await store.read(step)
      if (find(before, object.kind, object.key) !== null || nameTaken(before, object))
        throw new ConnectorError("conflict", step, "The host has an entry of this name.")
      await store.write(step, "create", before, patchOf(before, object, { marker, id: newId() }, step))
      return await there(step, object.kind, object.key)
    },
    async update(remoteId, object) {
      const step = `update ${object.kind}`
      const before = await store.read(step)
      if (find(before, object.kind, object.key)?.remoteId !== remoteId)
        throw new ConnectorError("not_found", step, "The host does not have this entry.")
      await store.write(step, "write", before, patchOf(before, object, null, step))
      return await there(step, object.kind, object.key)
    },
    async remove(kind, remoteId, key) {
      const step = `remove ${kind}`
      const before = await store.read(step)
      if (find(before, kind, key)?.remoteId !== remoteId) return
      await store.write(step, "write", before, removal(before, kind, key))
    },
  }
}

/** An application of that name that is no machine of ours to see, a web application for instance. */
const nameTaken = (state: State, { kind, key }: DesiredObject): boolean =>
  kind === "client" && state.applications.some(({ clientId }) => clientId === key)

/** @param fresh the mark of a new object; null: it is there and keeps its own. */
function patchOf(
  state: State,
  { kind, key, fields }: DesiredObject,
  fresh: { marker: string; id: string } | null,
  step: string,
): Patch {
  if (kind === "client") {
    const entry = state.applications.find(({ clientId }) => clientId === key) ?? newApplication(key)
    return { applications: [marked(withClientFields(entry, fields), fresh)] }
  }
  if (kind === "audience") return audiencePatch(state, key, fields, fresh)
  const { client, audience } = splitGrantKey(key)
  const entry = state.applications.find(({ clientId }) => clientId === client)
  if (!entry) throw new ConnectorError("not_found", step, "The host does not have this client.")
  return { applications: [withGrant(state, entry, audience, words(fields), fresh?.marker)] }
}

const marked = <T extends { readonly properties: Readonly<Record<string, Json>> }>(
  entry: T,
  fresh: { marker: string; id: string } | null,
): T => (fresh === null ? entry : withMark(entry, fresh))

function audiencePatch(state: State, key: string, fields: Fields, fresh: { marker: string; id: string } | null): Patch {
  const before: Resource = state.resources.find(({ identifier }) => identifier === key) ?? {
    identifier: key,
    displayName: "",
    displayNames: {},
    tokenFormat: null,
    properties: {},
  }
  const entry: Resource = {
    ...before,
    displayName: typeof fields.name === "string" ? fields.name : "",
    tokenFormat: fields.token_format === "opaque" ? "reference" : "jwt",
  }
  const own = scopesOf(state, key)
  const wanted = Array.isArray(fields.scopes) ? fields.scopes.filter(isObject) : []
  const scopes = wanted.map((one): Scope => {
    const word = String(one.name)
    const known = own.find((other) => wordOf(other) === word)
    const description = typeof one.description === "string" ? one.description : ""
    if (known) return { ...known, description }
    // Scope names are one space at the host: a word that another audience has is prefixed by its own.
    const taken = state.scopes.some(({ name }) => name === word)
    return {
      name: taken ? `${key}/${word}` : word,
      displayName: "",
      displayNames: {},
      description,
      descriptions: {},
      resources: [key],
      properties: { grantry: { scope: word } },
    }
  })
  const gone = own.filter((one) => !scopes.some(({ name }) => name === one.name))
  const without = withoutScopes(state, key, gone)
  return { ...without, resources: [marked(entry, fresh)], scopes: [...scopes, ...(without.scopes ?? [])] }
}

/** Scopes leave an audience: one that other resources share stays for those, one of its own goes, from its clients too. */
function withoutScopes(state: State, audience: string, gone: readonly Scope[]): Patch {
  const shared = gone.filter(({ resources }) => resources.length > 1)
  const own = gone.filter(({ resources }) => resources.length <= 1).map(({ name }) => name)
  const dead = new Set(own.map((name) => `${permissions.scope}${name}`))
  return {
    scopes: shared.map((one) => ({ ...one, resources: one.resources.filter((other) => other !== audience) })),
    applications: state.applications
      .filter((entry) => entry.permissions.some((one) => dead.has(one)))
      .map((entry) => ({ ...entry, permissions: entry.permissions.filter((one) => !dead.has(one)) })),
    remove: { scopes: own },
  }
}

/** The application with exactly these scopes of one audience; those of others stay. No scopes at all: the grant goes. */
function withGrant(
  state: State,
  entry: Application,
  audience: string,
  scopes: readonly string[] | null,
  marker?: string,
): Application {
  const own = scopesOf(state, audience)
  const ours = new Set(own.map(({ name }) => `${permissions.scope}${name}`))
  const wanted = own.filter((one) => scopes?.includes(wordOf(one))).map(({ name }) => `${permissions.scope}${name}`)
  const grants = markOf(entry)?.grants
  const { [audience]: known, ...others } = isObject(grants) ? (grants as Readonly<Record<string, Json>>) : {}
  const mark = marker ?? known
  return withMark(
    {
      ...entry,
      permissions: [...entry.permissions.filter((one) => !ours.has(one)), ...wanted].toSorted(),
      resources: [
        ...entry.resources.filter((one) => one !== audience),
        ...(scopes === null ? [] : [audience]),
      ].toSorted(),
    },
    { grants: scopes === null || mark === undefined ? others : { ...others, [audience]: mark } },
  )
}

function removal(state: State, kind: ObjectKind, key: string): Patch {
  if (kind === "client") return { remove: { applications: [key] } }
  if (kind === "audience") {
    const without = withoutScopes(state, key, scopesOf(state, key))
    return { ...without, remove: { ...without.remove, resources: [key] } }
  }
  const { client, audience } = splitGrantKey(key)
  const entry = state.applications.find(({ clientId }) => clientId === client)
  return entry ? { applications: [withGrant(state, entry, audience, null)] } : {}
}

const words = (fields: Fields): readonly string[] =>
  Array.isArray(fields.scopes) ? fields.scopes.filter((one) => typeof one === "string") : []
