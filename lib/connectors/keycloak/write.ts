import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject, ObjectKind, RemoteObject } from "../objects.ts"
import type { WritePort } from "../write-port.ts"
import { goneIsDone } from "../gone.ts"
import { audienceObject, audienceObjects, bringScopes, hasClient, removeAudience, scopesOf } from "./audiences.ts"
import { clientObject, clientUpdate, isService, newClient, newClientId, newResourceServer } from "./clients.ts"
import { isOurs } from "./catalog.ts"
import type { Context } from "./context.ts"
import { bringGrant, findGrant, grantObjects, removeGrant, scopeNames } from "./grants.ts"
import { putClient } from "./put-client.ts"
import type { Defaults } from "./realm.ts"
import { client, type Client } from "./shapes.ts"
import { sure } from "./sure.ts"

/** Keycloak has no rate limit; more than this only makes it slower (providers.md 11.7). */
const parallel = 4
/** A client that we made a moment ago is not read again for the answer. */
const keptMs = 10_000

export function writePort(context: Context): WritePort {
  const { admin, realm, settings } = context

  const find = async (kind: ObjectKind, key: string, withinMs = 0): Promise<RemoteObject | null> => {
    if (kind === "grant") return await findGrant(context, key)
    const one = await realm.clientNamed(key, withinMs)
    if (kind === "audience") return audienceObject(key, one, scopesOf(await realm.allScopes(), key))
    return one && isService(one, settings.client_id) ? clientObject(one, await defaultsFor([one])) : null
  }

  /** Asked for only where somebody else's client is shown. */
  const defaultsFor = async (services: readonly Client[]): Promise<Defaults> =>
    services.every(isOurs) ? { seconds: null, alg: null } : await realm.defaults()

  /** What stands after a write; what was seen since that write began is not asked for again. */
  const found = async ({ kind, key }: DesiredObject, withinMs = 0): Promise<RemoteObject> => {
    const object = await find(kind, key, withinMs)
    if (object) return object
    throw new ConnectorError("not_found", `read ${kind}`, "It is not on the provider any more.")
  }

  return {
    parallel,
    async observe() {
      const [clients, scopes] = await Promise.all([realm.allClients(), realm.allScopes(true)])
      const services = clients.filter((client) => isService(client, settings.client_id))
      const defaults = await defaultsFor(services)
      return [
        ...audienceObjects(clients, scopes),
        ...services.map((client) => clientObject(client, defaults)),
        ...grantObjects(services, scopes),
      ]
    },
    find: (kind, key) => find(kind, key),
    grantsComeWithClient: true,
    async create(object, marker, grants = []) {
      if (object.kind === "grant") return await bringGrant(context, object)
      const id = newClientId(settings.realm, marker, object.key)
      const json =
        object.kind === "client"
          ? newClient(id, object, marker, await scopeNames(context, grants))
          : newResourceServer(id, object, marker)
      const created = admin(
        { step: `create ${object.kind}`, kind: "create", method: "POST", path: "/clients", json },
        null,
      )
      // An unknown scope is dropped without a word, so what came along is looked at.
      const sent = grants.length === 0 ? client.parse(json) : null
      const { lost: first, made } = await sure(created, sent, () => realm.clientById(id))
      const lost = (object.kind === "audience" ? await scopesOrNothing(context, id, object) : null) ?? first
      if (lost) throw lost
      realm.keep(made)
      if (object.kind === "audience") return await found(object, keptMs)
      return clientObject(made, await defaultsFor([made]))
    },
    async update(remoteId, object, changes) {
      if (object.kind === "grant") return await bringGrant(context, object)
      const scopes = changes.find(({ field }) => field === "scopes")
      const rest = changes.filter(({ field }) => field !== "scopes")
      if (rest.length > 0) await putChanges(remoteId, object, clientUpdate(named(object, rest)))
      const lost = object.kind === "audience" && scopes ? await bringScopes(context, object.key, scopes.to) : null
      if (lost) throw lost
      return await found(object)
    },
    async remove(kind, remoteId, key) {
      if (kind === "grant") return await removeGrant(context, remoteId, key)
      if (kind === "audience") return await removeAudience(context, remoteId, key)
      const path = `/clients/${encodeURIComponent(remoteId)}`
      realm.forget(key)
      await goneIsDone(admin({ step: "remove client", kind: "write", method: "DELETE", path }, null))
    },
  }

  async function putChanges(remoteId: string, object: DesiredObject, body: Record<string, unknown>): Promise<void> {
    const step = `update ${object.kind}`
    if (object.kind === "audience" && !hasClient(remoteId, object))
      throw new ConnectorError(
        "unsupported",
        step,
        "This audience was adopted and has no client of its own in the realm, so its name has no place there.",
      )
    realm.forget(object.key)
    const current = await realm.clientById(remoteId)
    if (!current) throw new ConnectorError("not_found", step, "It is not on the provider any more.")
    await putClient(context, current, body)
  }
}

/** An audience's `name` is the display name of its client. */
const named = ({ kind }: DesiredObject, changes: Parameters<typeof clientUpdate>[0]) =>
  kind === "client"
    ? changes
    : changes.flatMap((one) => (one.field === "name" ? [{ ...one, field: "display_name" }] : []))

/** The scopes of a new audience. What the provider refuses for good leaves no half audience behind. */
async function scopesOrNothing(
  context: Context,
  remoteId: string,
  { key, fields }: DesiredObject,
): Promise<ConnectorError | null> {
  try {
    return await bringScopes(context, key, fields.scopes ?? [])
  } catch (error) {
    if (error instanceof ConnectorError && ["conflict", "invalid", "forbidden"].includes(error.code))
      await removeAudience(context, remoteId, key)
    throw error
  }
}
