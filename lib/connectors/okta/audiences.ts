import { isObject, type Json } from "../../base/json.ts"
import { scopesIn } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import { directory } from "../directory.ts"
import { goneIsDone, orNull } from "../gone.ts"
import type { Session } from "./api.ts"
import { markedDescription, markerOf } from "./marker.ts"
import { writable } from "./writable.ts"
import { remoteScope, remoteServer, type RemoteScope, type RemoteServer } from "./shapes.ts"

export const serversPath = "/api/v1/authorizationServers"
export const serverPath = (id: string): string => `${serversPath}/${encodeURIComponent(id)}`

export interface Audiences {
  /** Every authorization server under its audience, read afresh. */
  all(): Promise<ReadonlyMap<string, RemoteServer>>
  /** The server of this audience, as it is now. Null: there was none a minute ago. */
  byKey(key: string): Promise<RemoteServer | null>
  /** Scopes that people made; Okta's own stand on every server. */
  scopesOf(server: RemoteServer): Promise<readonly RemoteScope[]>
  find(key: string): Promise<RemoteObject | null>
  create(object: DesiredObject, marker: string): Promise<RemoteObject>
  update(remoteId: string, object: DesiredObject, changes: readonly FieldChange[]): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
  activate(server: RemoteServer): Promise<void>
}

/**
 * One custom authorization server for each audience: "Okta currently supports only one audience" in its list.
 * @param bound the one server that Grantry is kept to; it is neither made nor removed here.
 */
export function audiencesPort({ api, list }: Session, bound: string | undefined): Audiences {
  const read = (id: string) =>
    api({ step: "read authorization server", kind: "read", method: "GET", path: serverPath(id) }, remoteServer)
  const servers = directory<RemoteServer>(
    async () =>
      bound === undefined
        ? await list({ step: "list authorization servers", path: `${serversPath}?limit=200` }, remoteServer)
        : [await read(bound)],
    byAudience,
    ({ id }) => id,
  )
  const scopesPath = (id: string): string => `${serverPath(id)}/scopes`

  const scopesOf: Audiences["scopesOf"] = async ({ id }) =>
    (await list({ step: "list scopes", path: `${scopesPath(id)}?limit=200` }, remoteScope)).filter(
      ({ system }) => system !== true,
    )

  async function byKey(key: string): Promise<RemoteServer | null> {
    const listed = servers.seen(key) ?? (await servers.recent()).get(key)
    if (!listed) return null
    const told = await orNull(read(listed.id))
    if (told && (told.audiences?.[0] ?? told.id) === (listed.audiences?.[0] ?? listed.id)) return told
    return (await servers.fresh()).get(key) ?? null
  }

  const stateOf = async (key: string, server: RemoteServer): Promise<RemoteObject> =>
    audienceOf(key, server, await scopesOf(server))

  /** Makes the scopes so, one call for each that differs. */
  async function settle(id: string, wanted: ReadonlyMap<string, string>, step: string): Promise<void> {
    const there = await scopesOf({ id })
    const known = new Map(there.map((scope) => [scope.name, scope]))
    for (const [name, description] of wanted) {
      const scope = known.get(name)
      const path = scope ? `${scopesPath(id)}/${encodeURIComponent(scope.id)}` : scopesPath(id)
      if (scope && (scope.description ?? "") === description) continue
      if (scope)
        await api({ step, kind: "write", method: "PUT", path, json: scopeBody(name, description, scope) }, null)
      else await api({ step, kind: "create", method: "POST", path, json: scopeBody(name, description) }, remoteScope)
    }
    for (const scope of there) {
      const path = `${scopesPath(id)}/${encodeURIComponent(scope.id)}`
      if (!wanted.has(scope.name)) await goneIsDone(api({ step, kind: "write", method: "DELETE", path }, null))
    }
  }

  const notHere = (step: string) =>
    new ConnectorError(
      "unsupported",
      step,
      "This provider is kept to one authorization server, which is not made or removed from here.",
    )

  const lifecycle = (id: string, to: "activate" | "deactivate", step: string): Promise<null> =>
    api({ step, kind: "write", method: "POST", path: `${serverPath(id)}/lifecycle/${to}` }, null)

  return {
    all: servers.fresh,
    byKey,
    scopesOf,
    async find(key) {
      const server = await byKey(key)
      return server && (await stateOf(key, server))
    },
    async create({ key, fields }, marker) {
      const step = "create authorization server"
      if (bound !== undefined) throw notHere(step)
      // Okta takes any number of servers of one audience, so what was known a second ago is not enough.
      if ((await servers.fresh()).has(key))
        throw new ConnectorError(
          "conflict",
          step,
          "An authorization server of this audience is there already; Okta would make a second.",
        )
      const json = {
        name: fields.name,
        description: markedDescription(marker),
        audiences: [key],
        issuerMode: "ORG_URL",
      }
      const made = await servers.making(
        key,
        api({ step, kind: "create", method: "POST", path: serversPath, json }, remoteServer),
      )
      await settle(made.id, wantedScopes(fields.scopes), step)
      return await stateOf(key, made)
    },
    async update(remoteId, object, changes) {
      const step = "update authorization server"
      const name = changes.find(({ field }) => field === "name")?.to
      if (typeof name === "string") {
        const json = serverBody(await read(remoteId), name)
        await api({ step, kind: "write", method: "PUT", path: serverPath(remoteId), json }, remoteServer)
      }
      if (changes.some(({ field }) => field === "scopes"))
        await settle(remoteId, wantedScopes(object.fields.scopes), step)
      return await stateOf(object.key, await read(remoteId))
    },
    async remove(remoteId) {
      const step = "remove authorization server"
      if (bound !== undefined) throw notHere(step)
      const there = await orNull(read(remoteId))
      const erase = async () => {
        if (!there) return
        if (there.status !== "INACTIVE") await goneIsDone(lifecycle(remoteId, "deactivate", step))
        await goneIsDone(api({ step, kind: "write", method: "DELETE", path: serverPath(remoteId) }, null))
      }
      await servers.removing(remoteId, erase())
    },
    async activate({ id }) {
      await lifecycle(id, "activate", "activate authorization server")
    },
  }
}

/** Ours keeps the audience's name where two servers have one; the other goes by its id. */
function byAudience(servers: readonly RemoteServer[]): ReadonlyMap<string, RemoteServer> {
  const found = new Map<string, RemoteServer>()
  const rank = ({ description }: RemoteServer): number => (markerOf(description) === null ? 1 : 0)
  for (const server of servers.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))) {
    const audience = server.audiences?.[0]
    found.set(audience !== undefined && !found.has(audience) ? audience : server.id, server)
  }
  return found
}

const wantedScopes = (scopes: Json | undefined): ReadonlyMap<string, string> =>
  new Map(scopesIn(scopes).map(({ name, description }) => [name, description]))

/** A PUT replaces, so what Okta keeps beside our words goes with it. */
const scopeBody = (
  name: string,
  description: string,
  { consent, displayName, metadataPublish, optional, default: byDefault }: Partial<RemoteScope> = {},
) =>
  writable({
    consent: consent ?? "IMPLICIT",
    displayName,
    metadataPublish: metadataPublish ?? "NO_CLIENTS",
    optional,
    default: byDefault,
    name,
    description: description === "" ? undefined : description,
  })

const theirs = ["id", "created", "lastUpdated", "_links", "issuer", "status"]

const serverBody = (server: RemoteServer, name: string) => writable({ ...server, name, ...signing(server) }, theirs)

/** How its keys are rotated would fall back to Okta's default; which keys those are is Okta's business. */
function signing({ credentials }: RemoteServer): Record<string, unknown> {
  const told = isObject(credentials) && isObject(credentials.signing) ? credentials.signing.rotationMode : null
  return { credentials: typeof told === "string" ? { signing: { rotationMode: told, use: "sig" } } : null }
}

export function audienceOf(key: string, server: RemoteServer, scopes: readonly RemoteScope[]): RemoteObject {
  const marker = markerOf(server.description)
  return {
    kind: "audience",
    key,
    remoteId: server.id,
    marked: marker !== null,
    marker,
    fields: {
      ...(server.name ? { name: server.name } : {}),
      scopes: scopes
        .map(({ name, description }) => ({ name, description: description ?? "" }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    },
    ...(server.name ? {} : { unknown: ["name"] }),
  }
}
