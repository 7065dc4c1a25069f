import { secondMs } from "../../base/time.ts"
import { ConnectorError } from "../connector-error.ts"
import type { RemoteSecret, SecretsPort } from "../secrets-port.ts"
import { firstChange } from "../refused.ts"
import type { Api } from "./api.ts"
import { authMethodOf, type Clients } from "./clients.ts"
import { metadataKeys, metadataOf } from "./metadata.ts"
import type { RemoteClient } from "./shapes.ts"

/** Auth0, Rotate Client Secret: within this time the old or the new value may be accepted. */
const settleMs = 30 * secondMs
/** Stands for the secret of an adopted client, which only its service knows. */
const theirs = "theirs"

/**
 * One secret, replaced in place by a value that we chose. It has no id at Auth0, so which one we put there last stands in
 * the client's metadata, written with it in one request. Values are never read: Auth0 logs each reading, and would need
 * the right `read:client_keys` for it.
 */
export function secretsPort(api: Api, clients: Clients): SecretsPort {
  async function named(client: string, step: string): Promise<RemoteClient> {
    const found = await clients.byKey(client)
    if (!found) throw new ConnectorError("not_found", step, "The provider does not have this client.")
    return found
  }

  return {
    liveMax: 1,
    chooser: "caller",
    expiry: "none",
    list: "ids",
    end: "at_once",
    strategy: "in_place",
    settleMs,
    evidenceByLog: "none",
    async strategyOf(client) {
      const found = await named(client, "read client")
      const seconds = settleMs / secondMs
      const adopted = metadataOf(found, "secret") === null && metadataOf(found, "marker") === null
      return {
        is: "in_place",
        why: `Auth0 keeps one secret. The old one stops working within about ${seconds} s of the change, and until then either may be refused; there is no overlap.${adopted ? " The secret in use was made outside Grantry." : ""}`,
        downtimeSeconds: seconds,
      }
    },
    async issue({ client, value, fingerprint, marker }) {
      const step = "issue secret"
      const found = await named(client, step)
      if (authMethodOf(found) === "private_key_jwt")
        throw new ConnectorError(
          "unsupported",
          step,
          "This client proves itself with keys, so a secret would be no use.",
          { nothingDone: true },
        )
      const createdAt = new Date().toISOString()
      const json = {
        client_secret: value,
        client_metadata: { [metadataKeys.secret]: [marker, fingerprint, createdAt].join(" ") },
      }
      await firstChange(clients.patch(found.client_id, json, { step, kind: "create", hide: [value] }))
      return { remoteId: marker, marker, fingerprint, createdAt, expiresAt: null, lastUsedAt: null }
    },
    async listSecrets(client) {
      const found = await named(client, "list secrets")
      const ours = secretOf(found)
      if (ours) return [ours]
      // What Auth0 made for a client of ours was never shown to anybody, so it is no secret of anyone's.
      if (metadataOf(found, "marker") !== null || authMethodOf(found) === "private_key_jwt") return []
      return [{ remoteId: theirs, fingerprint: null, createdAt: null, expiresAt: null, lastUsedAt: null }]
    },
    async retire(client, secretRemoteId) {
      const found = await clients.byKey(client)
      if (!found) return
      const current = secretOf(found)?.remoteId ?? (metadataOf(found, "marker") === null ? theirs : null)
      if (current !== secretRemoteId) return
      // The only one is live, so it ends by being replaced with a value that nobody learns.
      const path = `/clients/${encodeURIComponent(found.client_id)}/rotate-secret`
      await api({ step: "retire secret", kind: "write", method: "POST", path }, null)
      if (current !== theirs)
        await clients.patch(
          found.client_id,
          { client_metadata: { [metadataKeys.secret]: null } },
          { step: "retire secret" },
        )
    },
  }
}

function secretOf(client: RemoteClient): RemoteSecret | null {
  const [marker, fingerprint, createdAt] = metadataOf(client, "secret")?.split(" ") ?? []
  if (marker === undefined || fingerprint === undefined) return null
  return { remoteId: marker, marker, fingerprint, createdAt: createdAt ?? null, expiresAt: null, lastUsedAt: null }
}
