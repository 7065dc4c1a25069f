import { ConnectorError } from "../connector-error.ts"
import type { IssuedSecret, RemoteSecret, SecretsPort } from "../secrets-port.ts"
import { refused } from "../refused.ts"
import type { Records, Registration } from "./records.ts"
import type { Registrar } from "./registrar.ts"

const keepsSecret =
  "This server keeps a client's secret when its registration is updated, so a secret cannot be replaced. Use two public keys, or register a second client and move over."

/**
 * The server makes the secret with the registration; the first `issue` hands that one over. A later one sends the
 * registration again without a secret and looks whether a new one came back (RFC 7592 section 2.2 leaves it to the server).
 */
export function secretsPort(records: Records, registrar: Registrar, now: () => Date): SecretsPort {
  return {
    liveMax: 1,
    chooser: "provider",
    expiry: "none",
    list: "ids",
    end: "at_once",
    strategy: "in_place",
    evidenceByLog: "none",

    async strategyOf(client) {
      const { manners } = await records.index()
      const registration = await registered(client, "read strategy")
      const first = registration.secret !== null && registration.secret.claimed_by === null
      if (!first && (manners.secret_on_update === "kept" || manners.update === "no"))
        throw new ConnectorError("feature_missing", "read strategy", keepsSecret)
      return {
        is: "in_place",
        why: first
          ? "The secret that came with the registration is handed over; nobody has it yet."
          : "The server ends the old secret when it issues the new one.",
        downtimeSeconds: first ? 0 : null,
      }
    },

    async issue({ client, marker }) {
      const step = "issue secret"
      // The last moment in which a secret that ends by surprise is nobody's.
      await registrar.rehearse(client)
      const before = await registered(client, step)
      // The answer of before was lost: what stands at the server now may be what it brought.
      if (before.replacing?.marker === marker) await registrar.read(client)
      const handed = handedOver(await registered(client, step), marker)
      if (handed) return await claim(client, marker, handed)
      const { manners } = await records.index()
      if (manners.secret_on_update === "kept" || manners.update === "no")
        throw new ConnectorError("feature_missing", step, keepsSecret, { nothingDone: true })
      await records.amend(client, (then) => ({ ...then, replacing: { marker } }))
      try {
        await registrar.replace(client, before.wanted, "secret")
      } catch (error) {
        // What comes after a refusal is not of this call, and must not be taken for it.
        if (refused(error)) await records.amend(client, (then) => ({ ...then, replacing: before.replacing }))
        throw error
      }
      const fresh = handedOver(await registered(client, step), marker)
      if (fresh) return await claim(client, marker, fresh)
      await records.amend(client, (then) => ({ ...then, replacing: null }))
      throw new ConnectorError("feature_missing", step, keepsSecret, { nothingDone: true })
    },

    async listSecrets(client) {
      await registered(client, "list secrets")
      await registrar.read(client)
      const registration = await registered(client, "list secrets")
      return registration.secret === null ? [] : [remoteSecret(registration)]
    },

    async retire(client, secretRemoteId) {
      const registration = await records.get(client)
      if (registration === null || registration.secret === null) return
      if (remoteIdOf(registration) !== secretRemoteId) return
      throw new ConnectorError(
        "unsupported",
        "retire secret",
        "A registration has one secret, and it ends only when another is issued or the client is deleted.",
      )
    },
  }

  async function registered(client: string, step: string): Promise<Registration> {
    const registration = await records.get(client)
    if (registration === null) throw new ConnectorError("not_found", step, "This client is not registered by Grantry.")
    return registration
  }

  /** Noted before it is told, so that a lost answer finds it again under its marker. */
  async function claim(client: string, marker: string, value: string): Promise<IssuedSecret> {
    const registration = await records.amend(client, (then) => ({
      ...then,
      replacing: null,
      secret:
        then.secret === null || then.secret.claimed_by === marker
          ? then.secret
          : { ...then.secret, claimed_by: marker, claimed_at: now().toISOString() },
    }))
    if (registration === null) throw new ConnectorError("not_found", "issue secret", "This client is gone.")
    return { ...remoteSecret(registration), value }
  }
}

/** The value that this `issue` may have: one that nobody has, or the one that it was given before. */
function handedOver({ secret }: Registration, marker: string): string | null {
  if (secret === null || secret.value === null) return null
  return secret.claimed_by === null || secret.claimed_by === marker ? secret.value : null
}

const remoteIdOf = ({ client_id, secret }: Registration): string => `${client_id}.${secret?.version ?? 0}`

const remoteSecret = (registration: Registration): RemoteSecret => ({
  remoteId: remoteIdOf(registration),
  // The server keeps no marker: whoever asks again under the same one is handed the same value by `issue`.
  marker: null,
  fingerprint: registration.secret?.fingerprint ?? null,
  createdAt: registration.secret?.issued_at ?? null,
  expiresAt: registration.secret?.expires_at ?? null,
  lastUsedAt: null,
})
