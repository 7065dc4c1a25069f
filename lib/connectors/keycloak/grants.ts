/** A grant is the assignment of an audience's scopes to a client, as optional client scopes. */
import { ConnectorError, grantKey, splitGrantKey, type DesiredObject, type RemoteObject } from "../port.ts"
import { goneIsDone } from "./admin.ts"
import { scopesOf } from "./audiences.ts"
import { catalog, type ScopeOf } from "./catalog.ts"
import type { Context } from "./context.ts"
import type { Client, Scope } from "./shapes.ts"

/** An assignment carries no mark: whose it is stands in our placements alone, so each one may be taken away by us. */
export function grantObject(client: Client, audience: string, owned: readonly ScopeOf[]): RemoteObject | null {
  const assigned = new Set([...client.defaultClientScopes, ...client.optionalClientScopes])
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
  const client = await realm.clientNamed(ends.client)
  return client ? grantObject(client, ends.audience, scopesOf(await realm.allScopes(), ends.audience)) : null
}

/** Assigns what is wanted and takes away what is not. Repeatable: an assignment that is there is done. */
export async function bringGrant(context: Context, { key, fields }: DesiredObject): Promise<void> {
  const { admin, realm } = context
  const ends = splitGrantKey(key)
  const step = "assign scopes"
  const client = await realm.clientNamed(ends.client)
  if (!client) throw new ConnectorError("not_found", step, "The realm does not have this client.")
  const wanted = new Set(Array.isArray(fields.scopes) ? fields.scopes : [])
  let owned = scopesOf(await realm.allScopes(), ends.audience)
  if ([...wanted].some((word) => !owned.some((one) => one.word === word)))
    owned = scopesOf(await realm.allScopes(true), ends.audience)
  for (const word of wanted)
    if (!owned.some((one) => one.word === word))
      throw new ConnectorError("conflict", step, `The audience has no scope ${String(word)} in this realm.`)
  const assigned = new Set([...client.defaultClientScopes, ...client.optionalClientScopes])
  for (const { scope, word } of owned) {
    const path = `/clients/${client.id}/optional-client-scopes/${encodeURIComponent(scope.id)}`
    if (wanted.has(word) && !assigned.has(scope.name)) await admin({ step, kind: "write", method: "PUT", path }, null)
    // This DELETE takes an assignment of either kind away.
    if (!wanted.has(word) && assigned.has(scope.name))
      await goneIsDone(admin({ step: "take scopes away", kind: "write", method: "DELETE", path }, null))
  }
}

export async function removeGrant(context: Context, remoteId: string, key: string): Promise<void> {
  const { admin, realm } = context
  const id = splitGrantKey(remoteId).client
  for (const { scope } of scopesOf(await realm.allScopes(true), splitGrantKey(key).audience)) {
    const path = `/clients/${encodeURIComponent(id)}/optional-client-scopes/${encodeURIComponent(scope.id)}`
    await goneIsDone(admin({ step: "take scopes away", kind: "write", method: "DELETE", path }, null))
  }
}
