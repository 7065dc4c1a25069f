import { isObject, type Json } from "../../base/json.ts"
import { namesIn, scopesIn, textOf } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import { splitGrantKey, type DesiredObject, type Fields, type ObjectKind, type RemoteObject } from "../objects.ts"
import type { WritePort } from "../write-port.ts"
import { patched, type Application, type Patch, type Resource, type Scope, type State } from "./bundle.ts"
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
      const patch = patchOf(before, object, null, step)
      await store.write(step, "write", before, patch)
      if (object.kind === "grant")
        requireUnreached(step, after(before, patch), object.key, namesIn(object.fields.scopes))
      return await there(step, object.kind, object.key)
    },
    async remove(kind, remoteId, key) {
      const step = `remove ${kind}`
      const before = await store.read(step)
      if (find(before, kind, key)?.remoteId !== remoteId) return
      const patch = removal(before, kind, key)
      await store.write(step, "write", before, patch)
      if (kind === "grant") requireUnreached(step, after(before, patch), key, [])
    },
  }
}

const after = (before: State, patch: Patch): State => patched(before, patch, before.revision)

/** What the host shares between two APIs stays with a client that has it for the other one, and that is told. */
function requireUnreached(step: string, state: State, key: string, wanted: readonly string[]): void {
  const { client, audience } = splitGrantKey(key)
  const entry = state.applications.find(({ clientId }) => clientId === client)
  const left = entry ? sharedElsewhere(state, entry, audience).filter((one) => !wanted.includes(wordOf(one))) : []
  if (left.length === 0) return
  const others = [...new Set(left.flatMap(({ resources }) => resources))].filter((one) => one !== audience)
  throw new ConnectorError(
    "unsupported",
    step,
    `${client} still reaches ${audience} by ${left.map(({ name }) => name).join(" and ")}, which the host shares with ${others.join(" and ")} and which the client has for it. Part the scopes at the host, or remove the other grant too.`,
  )
}

/** Scopes of this audience that the client holds and that are another of its audiences' too: they are not this grant's alone to take. */
function sharedElsewhere(state: State, entry: Application, audience: string): readonly Scope[] {
  const marks = Object.keys(grantMarks(entry))
  // Where nothing says which resources a client has, all that its scopes reach are its own.
  const has = (resource: string): boolean =>
    entry.resources.length > 0 ? entry.resources.includes(resource) : marks.length === 0 || marks.includes(resource)
  return scopesOf(state, audience).filter(
    ({ name, resources }) =>
      entry.permissions.includes(`${permissions.scope}${name}`) &&
      resources.some((one) => one !== audience && has(one)),
  )
}

function grantMarks(entry: Application): Readonly<Record<string, Json>> {
  const grants = markOf(entry)?.grants
  return isObject(grants) ? (grants as Readonly<Record<string, Json>>) : {}
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
  return { applications: [withGrant(state, entry, audience, namesIn(fields.scopes), fresh?.marker)] }
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
    displayName: textOf(fields.name),
    tokenFormat: fields.token_format === "opaque" ? "reference" : "jwt",
  }
  const own = scopesOf(state, key)
  const scopes = scopesIn(fields.scopes).map(({ name: word, description }): Scope => {
    const known = own.find((other) => wordOf(other) === word)
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

/**
 * The application with exactly these scopes of one audience; those of others stay, and those that are others' too. No
 * scopes at all: the grant goes, and its mark with the last scope that reaches the audience.
 */
function withGrant(
  state: State,
  entry: Application,
  audience: string,
  scopes: readonly string[] | null,
  marker?: string,
): Application {
  const own = scopesOf(state, audience)
  const shared = sharedElsewhere(state, entry, audience)
  const wanted = own.filter((one) => shared.includes(one) || scopes?.includes(wordOf(one)))
  const named = (some: readonly Scope[]) => some.map(({ name }) => `${permissions.scope}${name}`)
  const ours = new Set(named(own))
  const { [audience]: known, ...others } = grantMarks(entry)
  const mark = marker ?? known
  const gone = scopes === null && shared.length === 0
  return withMark(
    {
      ...entry,
      permissions: [...entry.permissions.filter((one) => !ours.has(one)), ...named(wanted)].toSorted(),
      resources: [
        ...entry.resources.filter((one) => one !== audience),
        ...(scopes === null ? [] : [audience]),
      ].toSorted(),
    },
    { grants: gone || mark === undefined ? others : { ...others, [audience]: mark } },
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
