/** An audience is a resource-server client with its identifier, and one client scope with an audience mapper per scope. */
import type { Json } from "../../base/json.ts"
import { scopesIn, type WantedScope } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject, RemoteObject } from "../objects.ts"
import { goneIsDone } from "../gone.ts"
import { audiencesOf, catalog, freeName, isOurs, type ScopeOf } from "./catalog.ts"
import type { Context } from "./context.ts"
import { attribute, audienceMapper, idFrom, longName, mapperName } from "./names.ts"
import { sure } from "./sure.ts"
import type { Client, Scope } from "./shapes.ts"

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

/** A client that stands for an audience. One that also fetches tokens is a service client first, and is not renamed by us. */
export const isResourceServer = (client: Client): boolean =>
  !client.serviceAccountsEnabled && (client.attributes[attribute.kind] === "audience" || !client.publicClient)

/** What is told of an audience; null where neither a scope nor a marked client speaks of it. */
export function audienceObject(
  identifier: string,
  server: Client | null,
  owned: readonly ScopeOf[],
): RemoteObject | null {
  const anchored = server !== null && isResourceServer(server) ? server : null
  if (owned.length === 0 && anchored?.attributes[attribute.kind] !== "audience") return null
  return {
    kind: "audience",
    key: identifier,
    remoteId: anchored?.id ?? scopesOnly(identifier),
    marked: anchored !== null && isOurs(anchored),
    marker: anchored?.attributes[attribute.marker] ?? null,
    fields: {
      name: anchored?.name ?? identifier,
      scopes: owned.map(({ scope, word }) => ({ name: word, description: scope.description })).sort(byName),
    },
  }
}

/** The remote id of an audience that has mappers and no client of its own. */
const scopesOnly = (identifier: string): string => `scopes of ${identifier}`

/** All audiences of the realm, by their mappers and by our marks. */
export function audienceObjects(clients: readonly Client[], scopes: readonly Scope[]): readonly RemoteObject[] {
  const byAudience = Map.groupBy(catalog(scopes), ({ audience }) => audience)
  const servers = new Map(clients.map((client) => [client.clientId, client]))
  const marked = clients.filter(({ attributes }) => attributes[attribute.kind] === "audience")
  const identifiers = new Set([...byAudience.keys(), ...marked.map(({ clientId }) => clientId)])
  return [...identifiers].flatMap((identifier) => {
    const object = audienceObject(identifier, servers.get(identifier) ?? null, byAudience.get(identifier) ?? [])
    return object ? [object] : []
  })
}

export const scopesOf = (scopes: readonly Scope[], audience: string): readonly ScopeOf[] =>
  catalog(scopes).filter((one) => one.audience === audience)

/**
 * Makes, changes and takes away the scopes of an audience until they are as wanted. A scope that is not ours is never
 * deleted: our audience is taken off it. Answers the first `lost_answer` of a create that has happened all the same.
 */
export async function bringScopes(context: Context, audience: string, value: Json): Promise<ConnectorError | null> {
  const { realm } = context
  const wanted = scopesIn(value)
  const there = scopesOf(await realm.allScopes(), audience)
  let lost: ConnectorError | null = null
  for (const scope of wanted) {
    const found = there.find(({ word }) => word === scope.name)
    if (!found) lost = (await createScope(context, audience, scope)) ?? lost
    else if (found.scope.description !== scope.description) await describe(context, found.scope, scope.description)
  }
  const names = new Set(wanted.map(({ name }) => name))
  for (const one of there) if (!names.has(one.word)) await dropScope(context, one)
  return lost
}

async function createScope(
  context: Context,
  audience: string,
  { name: word, description }: WantedScope,
): Promise<ConnectorError | null> {
  const { admin, realm, settings } = context
  const id = idFrom(settings.realm, audience, word)
  const left = (await realm.allScopes()).find((one) => one.id === id)
  if (left && isOurs(left)) return await mendScope(context, left, audience, description)
  const post = async (name: string): Promise<ConnectorError | null> => {
    const json = newScope(id, name, audience, word, description)
    const created = admin({ step: "create scope", kind: "create", method: "POST", path: "/client-scopes", json }, null)
    return (await sure(created, null, () => realm.refreshScope(id))).lost
  }
  const name = freeName(audience, word, await realm.allScopes())
  try {
    return await post(name)
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== "conflict" || name !== word) throw error
    // Somebody took the word a moment ago.
    return await post(longName(audience, word))
  }
}

const newScope = (id: string, name: string, audience: string, word: string, description: string) => ({
  id,
  name,
  description,
  protocol: "openid-connect",
  attributes: {
    "include.in.token.scope": "true",
    "display.on.consent.screen": "false",
    "include.in.openid.provider.metadata": "false",
    [attribute.managed]: "true",
    [attribute.audience]: audience,
    [attribute.scope]: word,
  },
  protocolMappers: [mapperTo(audience)],
})

const mapperTo = (audience: string) => ({
  name: mapperName,
  protocol: "openid-connect",
  protocolMapper: audienceMapper,
  consentRequired: false,
  config: {
    "included.custom.audience": audience,
    "access.token.claim": "true",
    "id.token.claim": "false",
    "introspection.token.claim": "true",
    "lightweight.claim": "true",
    "userinfo.token.claim": "false",
  },
})

/** Our scope is there, and its audience mapper was taken away or changed by hand: the mapper is written anew. */
async function mendScope(
  context: Context,
  scope: Scope,
  audience: string,
  description: string,
): Promise<ConnectorError | null> {
  const { admin, realm } = context
  const step = "give a scope its audience"
  const path = `/client-scopes/${encodeURIComponent(scope.id)}/protocol-mappers/models`
  const mapper = mapperTo(audience)
  const old = scope.protocolMappers.find(({ name }) => name === mapperName)
  const written =
    old === undefined
      ? admin({ step, kind: "create", method: "POST", path, json: mapper }, null)
      : admin(
          {
            step,
            kind: "write",
            method: "PUT",
            path: `${path}/${encodeURIComponent(old.id)}`,
            json: { ...mapper, id: old.id },
          },
          null,
        )
  const { lost } = await sure(written, null, async () => {
    const now = await realm.refreshScope(scope.id)
    return now && audiencesOf(now).includes(audience) ? now : null
  })
  if (scope.description !== description) await describe(context, scope, description)
  return lost
}

/** A PUT without a name is 500, and one with another name renames. */
async function describe({ admin, realm }: Context, scope: Scope, description: string): Promise<void> {
  const path = `/client-scopes/${encodeURIComponent(scope.id)}`
  const json = { name: scope.name, protocol: "openid-connect", description }
  await admin({ step: "update scope", kind: "write", method: "PUT", path, json }, null)
  await realm.refreshScope(scope.id)
}

/** Deleting one in use takes every assignment with it, without a word. */
async function dropScope({ admin, realm }: Context, { scope, audience }: ScopeOf): Promise<void> {
  const path = `/client-scopes/${encodeURIComponent(scope.id)}`
  if (isOurs(scope) && audiencesOf(scope).length === 1) {
    await goneIsDone(admin({ step: "remove scope", kind: "write", method: "DELETE", path }, null))
  } else {
    for (const { id, config } of scope.protocolMappers.filter(
      ({ protocolMapper }) => protocolMapper === audienceMapper,
    ))
      if ((config["included.client.audience"] || config["included.custom.audience"]) === audience)
        await goneIsDone(
          admin(
            {
              step: "take the audience off a scope",
              kind: "write",
              method: "DELETE",
              path: `${path}/protocol-mappers/models/${encodeURIComponent(id)}`,
            },
            null,
          ),
        )
  }
  await realm.refreshScope(scope.id)
}

/** Our scopes of this audience, then its client. Scopes of others that name the audience stay. */
export async function removeAudience(context: Context, remoteId: string, audience: string): Promise<void> {
  const { admin, realm } = context
  for (const one of scopesOf(await realm.allScopes(true), audience))
    if (isOurs(one.scope)) await dropScope(context, one)
  if (remoteId === scopesOnly(audience)) return
  const path = `/clients/${encodeURIComponent(remoteId)}`
  await goneIsDone(admin({ step: "remove audience", kind: "write", method: "DELETE", path }, null))
}

/** An audience without a client of its own has no place for a name. */
export const hasClient = (remoteId: string, { key }: DesiredObject): boolean => remoteId !== scopesOnly(key)
