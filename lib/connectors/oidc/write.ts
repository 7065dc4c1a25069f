import { spread } from "../../base/spread.ts"
import { namesIn } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import { splitGrantKey, type DesiredObject, type RemoteObject } from "../objects.ts"
import type { WritePort } from "../write-port.ts"
import { remoteAudience, remoteClient, remoteGrant } from "./metadata.ts"
import { clientsOf, taken } from "./clients.ts"
import type { Records, Registration } from "./records.ts"
import type { Registrar } from "./registrar.ts"
import type { ClientInformation } from "./shapes.ts"

/** Reads side by side; a server that was asked to register things is not to be stormed. */
const readsAtOnce = 4

/**
 * Clients are registrations, grants are scope words in them, audiences are remembered here only. `greet` asks the server
 * for no more than a sign of life.
 */
export function writePort(
  records: Records,
  registrar: Registrar,
  greet: () => Promise<unknown>,
  now: () => Date,
): WritePort {
  const clients = clientsOf(records, registrar, now)
  const look = async (client: string): Promise<Looked | null> => {
    const told = await registrar.read(client).catch((error: unknown) => {
      // One client out of our reach: all of it is unknown, and nothing else is disturbed.
      if (error instanceof ConnectorError && error.httpStatus === 401) return "hidden" as const
      throw error
    })
    const registration = await records.get(client)
    if (registration === null || told === null) return null
    return { registration, told: told === "hidden" ? null : told }
  }

  return {
    grantsGoWithClient: true,
    async observe() {
      const { clients: names, manners } = await records.index()
      // What is only remembered is no answer of a server: that it is there must be asked by itself.
      if (names.length === 0 || manners.read === "no") await greet()
      const looked = await spread(names, readsAtOnce, async (client) => ({ client, found: await look(client) }))
      const index = await records.index()
      return [
        ...Object.entries(index.audiences).map(([key, kept]) => remoteAudience(key, kept)),
        ...looked.flatMap(({ client, found }): RemoteObject[] =>
          found === null
            ? []
            : [
                remoteClient(client, found.registration, found.told, index.manners),
                ...Object.keys(found.registration.grants).map((audience) =>
                  remoteGrant(client, audience, found.registration, found.told, index),
                ),
              ],
        ),
      ]
    },

    async find(kind, key) {
      if (kind === "audience") {
        const kept = (await records.index()).audiences[key]
        return kept === undefined ? null : remoteAudience(key, kept)
      }
      const { client, audience } = kind === "client" ? { client: key, audience: null } : splitGrantKey(key)
      const registration = await records.get(client)
      if (registration === null || (audience !== null && !(audience in registration.grants))) return null
      const found = await look(client)
      if (found === null) return null
      const index = await records.index()
      return audience === null
        ? remoteClient(client, found.registration, found.told, index.manners)
        : remoteGrant(client, audience, found.registration, found.told, index)
    },

    async create(object, marker) {
      if (object.kind === "audience") return await createAudience(object, marker)
      if (object.kind === "client") {
        await clients.create(object, marker)
        return await there("create client", this.find("client", object.key))
      }
      const { client, audience } = splitGrantKey(object.key)
      const known = await clients.registered(client, "create grant")
      if (audience in known.grants) throw taken("create grant")
      await clients.writeGrant(client, audience, { marker, scopes: namesIn(object.fields.scopes).toSorted() })
      return await there("create grant", this.find("grant", object.key))
    },

    async update(_remoteId, object) {
      const step = `update ${object.kind}`
      if (object.kind === "audience") {
        await records.amendIndex((index) => {
          const kept = index.audiences[object.key]
          if (kept === undefined)
            throw new ConnectorError("not_found", step, "Grantry remembers no such audience here.")
          return {
            ...index,
            audiences: {
              ...index.audiences,
              [object.key]: { ...kept, scopes: namesIn(object.fields.scopes).toSorted() },
            },
          }
        })
      } else if (object.kind === "client") {
        await clients.update(object)
      } else {
        const { client, audience } = splitGrantKey(object.key)
        const grant = (await clients.registered(client, step)).grants[audience]
        if (grant === undefined) throw new ConnectorError("not_found", step, "This grant is not there.")
        await clients.writeGrant(client, audience, {
          marker: grant.marker,
          scopes: namesIn(object.fields.scopes).toSorted(),
        })
      }
      return await there(step, this.find(object.kind, object.key))
    },

    async remove(kind, remoteId, key) {
      if (kind === "audience") {
        await records.amendIndex((index) => {
          const { [key]: _gone, ...audiences } = index.audiences
          return { ...index, audiences }
        })
      } else if (kind === "client") {
        if ((await records.get(key))?.client_id === remoteId) await registrar.remove(key)
      } else {
        const { client, audience } = splitGrantKey(key)
        const registration = await records.get(client)
        if (registration !== null && audience in registration.grants) await clients.writeGrant(client, audience, null)
      }
    },
  }

  async function createAudience({ key, fields }: DesiredObject, marker: string): Promise<RemoteObject> {
    const kept = { marker, scopes: namesIn(fields.scopes).toSorted() }
    await records.amendIndex((index) => {
      if (key in index.audiences) throw taken("create audience")
      return { ...index, audiences: { ...index.audiences, [key]: kept } }
    })
    return remoteAudience(key, kept)
  }
}

interface Looked {
  readonly registration: Registration
  readonly told: ClientInformation | null
}

async function there(step: string, found: Promise<RemoteObject | null>): Promise<RemoteObject> {
  const object = await found
  if (object) return object
  throw new ConnectorError("not_found", step, "The server does not have what was just written.")
}
