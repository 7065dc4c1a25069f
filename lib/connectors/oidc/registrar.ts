/** The protocol of RFC 7591 and 7592: register, read, replace, delete. Every answer is remembered before it is relied on. */
import { call } from "../call.ts"
import type { Discovered } from "../discovery.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Opened } from "../port.ts"
import { recoded } from "../recoded.ts"
import { firstChange } from "../refused.ts"
import { managedBy } from "./managed.ts"
import { learn, type Manners } from "./manners.ts"
import { emptied, filled, ownMembers } from "./metadata.ts"
import { differs, freshRegistration, type Records, type Registration } from "./records.ts"
import { absorbSecret } from "./secret-state.ts"
import type { OidcSettings } from "./settings.ts"
import { clientInformation, neverSent, type ClientInformation, type Metadata } from "./shapes.ts"

/** For servers that refuse a client without a redirect URI. Nobody is ever sent there (RFC 2606 section 2). */
const unusedRedirectUri = "https://unused.invalid/"

export interface Registrar {
  /** Throws `lost_answer` where the registration may have happened, out of everybody's reach. */
  register(client: string, wanted: Metadata, marker: string): Promise<Registration>
  /** What the server tells now; where it does not show registrations, its last answer. Null: it is gone. */
  read(client: string): Promise<ClientInformation | null>
  /** Sends the whole metadata (RFC 7592 section 2.2), without a secret. `secret`: this is meant to bring a new one. */
  replace(client: string, wanted: Metadata, why: "update" | "secret"): Promise<ClientInformation>
  remove(client: string): Promise<void>
  /**
   * A registration whose secret nobody has yet is replaced once by itself, until it is known, and not assumed, whether
   * updates exist and what they do to the secret. A refusal is kept quiet: it leaves the question open.
   */
  rehearse(client: string): Promise<void>
}

export interface RegistrarParts {
  readonly opened: Opened
  readonly settings: OidcSettings
  readonly records: Records
  readonly discovery: () => Promise<Discovered>
  readonly now: () => Date
}

/** An absent verb: no such path, no such method, not implemented. */
const notOffered = (error: unknown): error is ConnectorError =>
  error instanceof ConnectorError && [404, 405, 501].includes(error.httpStatus ?? 0)

export function registrarOf({ opened, settings, records, discovery, now }: RegistrarParts): Registrar {
  const managed = managedBy(opened, records, now)
  const know = (change: (known: Manners) => Manners) =>
    records.amendIndex((index) => ({ ...index, manners: change(index.manners) }))

  async function post(wanted: Metadata): Promise<ClientInformation> {
    const { registration_endpoint: url } = await discovery()
    const step = "register client"
    if (!url)
      throw new ConnectorError("feature_missing", step, "The server publishes no registration endpoint (RFC 7591).")
    const { initial_access_token: token } = settings
    return await call(
      opened.fetch,
      {
        step,
        kind: "create",
        method: "POST",
        url,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        json: wanted,
        hide: token === undefined ? [] : [token],
        now,
      },
      clientInformation,
    )
  }

  async function read(client: string): Promise<ClientInformation | null> {
    const registration = await records.get(client)
    if (registration === null) return null
    const { manners } = await records.index()
    const last = registration.told === null ? null : clientInformation.parse(registration.told)
    const told =
      manners.read === "no"
        ? last
        : await managed(client, "read registration", "GET", "read").catch(async (error: unknown) => {
            if (!notOffered(error)) throw error
            if (manners.read === "yes") return null
            await know((known) => ({ ...known, read: "no" }))
            return last
          })
    if (told === null) return null
    // Only what a read shows is believed: some servers repeat in a write's answer whatever was sent.
    const learned = (known: Manners): Manners =>
      learn(told === last ? known : { ...known, read: "yes" }, registration.wanted, told)
    if (differs(learned(manners), manners)) await know(learned)
    const absorbed = (then: Registration) => absorbSecret(then, told, opened.fingerprint, "seen", now())
    if (differs(absorbed(registration), registration)) await records.amend(client, absorbed)
    return told
  }

  async function replace(
    client: string,
    wanted: Metadata,
    why: "update" | "secret",
    again = false,
  ): Promise<ClientInformation> {
    const step = why === "secret" ? "issue secret" : "update registration"
    const registration = await records.get(client)
    if (registration === null) throw new ConnectorError("not_found", step, "This client is not registered by Grantry.")
    const base = (await read(client)) ?? {}
    const taken = filled(ownMembers, base).filter((member) => !(member in wanted))
    const { manners } = await records.index()
    await records.amend(client, (then) => ({ ...then, wanted: { ...wanted } }))
    const before = (await records.get(client))?.secret?.fingerprint ?? null
    const { client_id } = registration
    const json = { ...kept(base), ...(manners.merges ? emptied(taken) : {}), ...wanted, client_id }
    const isSecret = why === "secret"
    const sent = managed(client, step, "PUT", isSecret ? "create" : "write", json)
    const told = await (isSecret && !again ? firstChange(sent) : sent).catch(async (error: unknown) => {
      await records.amend(client, (then) => ({ ...then, wanted: registration.wanted }))
      if (!notOffered(error)) throw error
      await know((known) => ({ ...known, update: "no" }))
      throw recoded(error, { code: "feature_missing", message: "This server does not change a registration." })
    })
    if (told === null) throw new ConnectorError("not_found", step, "The server does not have this registration.")
    const after = await records.amend(client, (then) => ({
      ...absorbSecret(then, told, opened.fingerprint, "made", now()),
      told: then.told === null ? null : toldOf(told),
    }))
    const changed = (after?.secret?.fingerprint ?? null) !== before
    await know((known) => ({
      ...known,
      update: "yes",
      secret_on_update: changed ? "changed" : registration.secret === null ? known.secret_on_update : "kept",
    }))
    const left = filled(taken, (await read(client)) ?? {})
    if (manners.merges || left.length === 0) return told
    // It keeps what is not named. From now on what is taken away is named, as empty.
    await know((known) => ({ ...known, merges: true }))
    return await replace(client, wanted, why, true)
  }

  return {
    read,
    replace,
    rehearse,
    async register(client, given, marker) {
      const { manners } = await records.index()
      const asked = manners.needs_redirect_uri ? { ...given, redirect_uris: [unusedRedirectUri] } : given
      let sent = asked
      const told = await post(asked).catch(async (error: unknown) => {
        // RFC 7591 section 3.2.2: the code says which member was refused, so nothing was registered.
        if (!(error instanceof ConnectorError) || error.providerCode !== "invalid_redirect_uri" || asked !== given)
          throw error
        sent = { ...given, redirect_uris: [unusedRedirectUri] }
        const answer = await post(sent)
        await know((known) => ({ ...known, needs_redirect_uri: true }))
        return answer
      })
      const registration = freshRegistration(
        told.client_id,
        marker,
        sent,
        told.registration_client_uri,
        told.registration_access_token,
      )
      await records.put(
        client,
        absorbSecret({ ...registration, told: toldOf(told) }, told, opened.fingerprint, "made", now()),
      )
      await rehearse(client)
      return (await records.get(client)) ?? registration
    },
    async remove(client) {
      const registration = await records.get(client)
      if (registration === null) return
      const { deleting: before } = registration
      await records.amend(client, (then) => ({ ...then, deleting: true }))
      try {
        await removed(client, before)
      } catch (error) {
        // Only an answer that leaves doubt is a reason to take a later refusal for the proof of a deletion.
        const doubt = error instanceof ConnectorError && error.code === "unavailable"
        if (!before && !doubt) await records.amend(client, (then) => ({ ...then, deleting: false }))
        throw error
      }
      await records.forget(client)
    },
  }

  /** @param before a deletion was sent whose answer was not clear. RFC 7592 section 2.1: a client that is gone answers 401. */
  async function removed(client: string, before: boolean): Promise<void> {
    const step = "delete registration"
    const goneAfter = (error: unknown): boolean => before && error instanceof ConnectorError && error.httpStatus === 401
    try {
      await managed(client, step, "DELETE", "write")
    } catch (error) {
      if (goneAfter(error)) return
      if (!notOffered(error)) throw error
      const { manners } = await records.index()
      // A 404 is the word for a client that is gone and for a verb that is not there.
      if (error.httpStatus === 404 && (manners.remove === "yes" || (await unseen()))) return
      if (manners.remove !== "yes") await know((known) => ({ ...known, remove: "no" }))
      throw new ConnectorError("feature_missing", step, "This server does not delete a registration.")
    }
    await know((known) => ({ ...known, remove: "yes" }))

    async function unseen(): Promise<boolean> {
      try {
        return (await read(client)) === null
      } catch (error) {
        if (goneAfter(error)) return true
        throw error
      }
    }
  }

  async function rehearse(client: string): Promise<void> {
    const registration = await records.get(client)
    if (registration === null || (registration.secret?.claimed_by ?? null) !== null) return
    const { update, secret_on_update } = (await records.index()).manners
    if (update === "no" || (update === "yes" && (secret_on_update !== "unknown" || registration.secret === null)))
      return
    await read(client).catch(ignoreRefusal)
    await replace(client, registration.wanted, "update").catch(ignoreRefusal)
  }
}

/** What a rehearsal brings is learned on the way; whether it succeeds does not matter to the registration. */
function ignoreRefusal(error: unknown): null {
  if (error instanceof ConnectorError) return null
  throw error
}

/** What others put into the registration, as an update carries it back: without nulls, and without what is ours or never sent. */
function kept(told: Readonly<Record<string, unknown>>): Metadata {
  const left = new Set([...neverSent, ...ownMembers])
  return Object.fromEntries(
    Object.entries(toldOf(told)).filter(([member, value]) => !left.has(member) && value !== null),
  )
}

/** An answer as it may be remembered: without credentials. */
const toldOf = (told: Readonly<Record<string, unknown>>): Metadata =>
  Object.fromEntries(
    Object.entries(JSON.parse(JSON.stringify(told)) as Metadata).filter(
      ([member]) => !["client_secret", "registration_access_token"].includes(member),
    ),
  )
