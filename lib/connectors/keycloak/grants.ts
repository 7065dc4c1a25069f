/** A grant is the assignment of an audience's scopes to a client, as optional client scopes. */
import { minuteMs } from "../../base/time.ts"
import { namesIn } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import { grantKey, splitGrantKey, type DesiredObject, type RemoteObject } from "../objects.ts"
import { goneIsDone } from "../gone.ts"
import { scopesOf } from "./audiences.ts"
import { catalog, type ScopeOf } from "./catalog.ts"
import type { Context } from "./context.ts"
import type { Client, Scope } from "./shapes.ts"

/** An assignment carries no mark: whose it is stands in our placements alone, so each one may be taken away by us. */
export function grantObject(client: Client, audience: string, owned: readonly ScopeOf[]): RemoteObject | null {
  const assigned = assignedTo(client)
  const words = owned.filter(({ scope }) => assigned.has(scope.name)).map(({ word }) => word)
  if (words.length === 0) return null
  return {
    kind: "grant",
    key: grantKey(client.clientId, audience),
    remoteId: `${client.id} ${audience}`,
    marked: true,
    fields: { scopes: [...new Set(words)].sort() },
  }
}

export function grantObjects(clients: readonly Client[], scopes: readonly Scope[]): readonly RemoteObject[] {
  const byName = Map.groupBy(catalog(scopes), ({ scope }) => scope.name)
  return clients.flatMap((client) => {
    const held = [...client.defaultClientScopes, ...client.optionalClientScopes].flatMap(
      (name) => byName.get(name) ?? [],
    )
    return [...Map.groupBy(held, ({ audience }) => audience)].flatMap(([audience, owned]) => {
      const grant = grantObject(client, audience, owned)
      return grant ? [grant] : []
    })
  })
}

export async function findGrant({ realm }: Context, key: string): Promise<RemoteObject | null> {
  const ends = splitGrantKey(key)
  const client = await realm.clientNamed(ends.client, recentMs)
  if (!client) return null
  await realm.requireSightOfScopes(client)
  return grantObject(client, ends.audience, scopesOf(await realm.allScopes(), ends.audience))
}

/**
 * The client scopes with which a new client has these grants. A word that the realm does not have is left out: the grant's
 * own step says so.
 */
export async function scopeNames(context: Context, grants: readonly DesiredObject[]): Promise<readonly string[]> {
  const names: string[] = []
  for (const { key, fields } of grants) {
    const wanted = namesIn(fields.scopes)
    const owned = await ownedScopes(context, splitGrantKey(key).audience, wanted)
    names.push(...owned.filter(({ word }) => wanted.includes(word)).map(({ scope }) => scope.name))
  }
  return [...new Set(names)]
}

/** Assigns what is wanted and takes away what is not. Repeatable: an assignment that is there is done. */
export async function bringGrant(context: Context, { key, fields }: DesiredObject): Promise<RemoteObject> {
  const { admin, realm } = context
  const ends = splitGrantKey(key)
  const step = "assign scopes"
  const client = await realm.clientNamed(ends.client, plannedMs)
  if (!client) throw new ConnectorError("not_found", step, "The realm does not have this client.")
  await realm.requireSightOfScopes(client)
  const wanted = new Set(namesIn(fields.scopes))
  const owned = await ownedScopes(context, ends.audience, [...wanted])
  for (const word of wanted)
    if (!owned.some((one) => one.word === word))
      throw new ConnectorError("conflict", step, `The audience has no scope ${word} in this realm.`)
  const assigned = assignedTo(client)
  realm.forget(client.clientId)
  for (const { scope, word } of owned) {
    const path = assignment(client.id, scope.id)
    if (wanted.has(word) && !assigned.has(scope.name)) await admin({ step, kind: "write", method: "PUT", path }, null)
    // This DELETE takes an assignment of either kind away.
    if (!wanted.has(word) && assigned.has(scope.name))
      await goneIsDone(admin({ step: "take scopes away", kind: "write", method: "DELETE", path }, null))
  }
  const after = withScopes(client, owned, wanted)
  realm.keep(after)
  const grant = grantObject(after, ends.audience, owned)
  if (grant) return grant
  throw new ConnectorError("not_found", step, "The grant is not on the provider any more.")
}

/** The client as these writes leave it: each 204 is believed, so that a grant costs one look and one write. */
function withScopes(client: Client, owned: readonly ScopeOf[], wanted: ReadonlySet<string>): Client {
  const names = new Set(owned.map(({ scope }) => scope.name))
  const kept = owned.filter(({ word }) => wanted.has(word)).map(({ scope }) => scope.name)
  const others = (list: readonly string[]) => list.filter((name) => !names.has(name) || kept.includes(name))
  const defaults = others(client.defaultClientScopes)
  const optional = [...others(client.optionalClientScopes), ...kept.filter((name) => !defaults.includes(name))]
  return { ...client, defaultClientScopes: defaults, optionalClientScopes: [...new Set(optional)] }
}

export async function removeGrant(context: Context, remoteId: string, key: string): Promise<void> {
  const { admin, realm } = context
  const client = await realm.clientById(splitGrantKey(remoteId).client)
  if (!client) return
  await realm.requireSightOfScopes(client)
  realm.forget(client.clientId)
  const assigned = assignedTo(client)
  for (const { scope } of await ownedScopes(context, splitGrantKey(key).audience, [])) {
    if (!assigned.has(scope.name)) continue
    const path = assignment(client.id, scope.id)
    await goneIsDone(admin({ step: "take scopes away", kind: "write", method: "DELETE", path }, null))
  }
}

/** Whom a step has just looked at is not asked for again: a look in doubt comes after a write, which forgets the client. */
const recentMs = 1_000
/** A write goes by what this apply has read or made of the client: apply trusts its one read of everything as long. */
const plannedMs = minuteMs

const assignedTo = (client: Client): ReadonlySet<string> =>
  new Set([...client.defaultClientScopes, ...client.optionalClientScopes])

const assignment = (clientId: string, scopeId: string): string =>
  `/clients/${encodeURIComponent(clientId)}/optional-client-scopes/${encodeURIComponent(scopeId)}`

/** The audience's scopes; read again when one that is needed, or every one, is not among those known. */
async function ownedScopes(
  { realm }: Context,
  audience: string,
  words: readonly string[],
): Promise<readonly ScopeOf[]> {
  const owned = scopesOf(await realm.allScopes(), audience)
  if (owned.length > 0 && words.every((word) => owned.some((one) => one.word === word))) return owned
  return scopesOf(await realm.allScopes(true), audience)
}
