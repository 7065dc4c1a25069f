import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject } from "../objects.ts"
import { refused } from "../refused.ts"
import { asDesired, metadataOf, scopesWanted } from "./metadata.ts"
import type { Records, Registration } from "./records.ts"
import type { Registrar } from "./registrar.ts"
import { scopesOf } from "./shapes.ts"

/** Registrations sent for one change without a clear answer, before a person has to look. */
const timesMax = 2

const endsSecret =
  "This server issues a new secret with every update, which would end the secret in use. Delete the client and register it anew, in a window of your choice."
const mayEndSecret =
  "Whether this server issues a new secret with an update could not be tried before this client's secret was in use, so an update might end it. Rotate the secret once: that shows it."

/** The writes that reach the server: a client is a registration, a grant is scope words in it. */
export interface Clients {
  create(object: DesiredObject, marker: string): Promise<void>
  update(object: DesiredObject): Promise<void>
  /** `null` takes the grant away. It is remembered once the server has its scopes. */
  writeGrant(client: string, audience: string, grant: Registration["grants"][string] | null): Promise<void>
  /** Throws `not_found`. */
  registered(client: string, step: string): Promise<Registration>
}

export const taken = (step: string) =>
  new ConnectorError("conflict", step, "Grantry has made an object of this name here.")

export function clientsOf(records: Records, registrar: Registrar, now: () => Date): Clients {
  return {
    create: createClient,
    registered,
    writeGrant,
    async update(object) {
      const step = "update client"
      const { grants } = await registered(object.key, step)
      await change(object.key, step, metadataOf(object, scopesWanted(grants)))
    },
  }

  /** A registration whose answer is lost is out of everybody's reach: it is noted, and sent at most once more. */
  async function createClient(object: DesiredObject, marker: string): Promise<void> {
    const step = "create client"
    const { key } = object
    if ((await records.get(key)) !== null) throw taken(step)
    const intent = (await records.index()).intents[key]
    const times = intent?.marker === marker ? intent.times : 0
    if (times >= timesMax)
      throw new ConnectorError(
        "unknown",
        step,
        `This client was sent for registration ${times} times and no clear answer came. Look for it at the server before it is tried again.`,
      )
    await records.amendIndex((index) => ({
      ...index,
      intents: { ...index.intents, [key]: { marker, times: times + 1 } },
      // The one before had no clear answer, and nothing of it is known here: it may exist.
      orphans: times > 0 ? [...index.orphans, { name: key, at: now().toISOString() }] : index.orphans,
    }))
    try {
      await registrar.register(key, metadataOf(object, []), marker)
    } catch (error) {
      if (refused(error)) await clearIntent(key)
      throw error
    }
    await clearIntent(key)
  }

  async function clearIntent(key: string): Promise<void> {
    await records.amendIndex((index) => {
      const { [key]: _done, ...intents } = index.intents
      return { ...index, intents }
    })
  }

  async function registered(client: string, step: string): Promise<Registration> {
    const registration = await records.get(client)
    if (registration === null) throw new ConnectorError("not_found", step, "This client is not registered by Grantry.")
    return registration
  }

  /** The grant is remembered once the server has its scopes. */
  async function writeGrant(
    client: string,
    audience: string,
    grant: Registration["grants"][string] | null,
  ): Promise<void> {
    const step = grant === null ? "remove grant" : "write grant"
    const registration = await registered(client, step)
    const { [audience]: _before, ...others } = registration.grants
    const grants = grant === null ? others : { ...others, [audience]: grant }
    const scopes = scopesWanted(grants)
    if (
      scopes.join(" ") !== scopesWanted(registration.grants).join(" ") ||
      scopes.join(" ") !== (registration.wanted.scope ?? "")
    )
      await change(client, step, metadataOf(asDesired(client, registration), scopes))
    await requireGone(client, step, registration, scopes)
    await records.amend(client, (then) => ({ ...then, grants }))
  }

  /** A scope that the server still shows is still granted, whatever it answered to the update. */
  async function requireGone(client: string, step: string, before: Registration, scopes: readonly string[]) {
    const taken = scopesWanted(before.grants).filter((scope) => !scopes.includes(scope))
    if (taken.length === 0) return
    const held = scopesOf((await registrar.read(client)) ?? {}) ?? []
    const left = taken.filter((scope) => held.includes(scope))
    if (left.length > 0)
      throw new ConnectorError(
        "unsupported",
        step,
        `The server was asked to take ${left.join(" ")} from this client and keeps it: take it away at the server.`,
      )
  }

  async function change(client: string, step: string, wanted: ReturnType<typeof metadataOf>): Promise<void> {
    const { manners } = await records.index()
    const { secret, wanted: before } = await registered(client, step)
    const { secret_on_update: then } = manners
    if (then !== "kept" && secret !== null && secret.claimed_by !== null)
      throw new ConnectorError("feature_missing", step, then === "changed" ? endsSecret : mayEndSecret)
    const redirects = { redirect_uris: before.redirect_uris ?? [] }
    await registrar.replace(client, { ...wanted, ...redirects }, "update")
  }
}
