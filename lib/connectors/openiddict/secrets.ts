import { isObject, type JsonObject } from "../../base/json.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Cannot } from "../port.ts"
import type { RemoteSecret, SecretsPort } from "../secrets-port.ts"
import { firstChange } from "../refused.ts"
import type { Application, State } from "./bundle.ts"
import { markOf, withMark } from "./objects.ts"
import type { BundleStore } from "./store.ts"

export const noSecrets: Cannot = {
  cannot:
    "A bundle that is handed over as a file carries no secrets. Use public keys, or let the host offer the bundle API.",
  source: "docs/openiddict-bundle.md",
}

/** OpenIddict keeps one secret per application, as a hash: a new one ends the old one at once (OpenIddictApplicationManager.UpdateAsync). */
export function secretsPort(store: BundleStore, now: () => Date): SecretsPort {
  return {
    liveMax: 1,
    chooser: "caller",
    expiry: "none",
    list: "ids",
    end: "at_once",
    strategy: "in_place",
    evidenceByLog: "none",

    async issue({ client, value, fingerprint, marker }) {
      const step = "issue secret"
      const before = await store.read(step)
      const entry = applicationOf(before, client, step)
      const standing = secretOf(entry)
      // An answer that was lost: the host has this very secret already.
      if (standing?.marker === marker && standing.fingerprint === fingerprint) return standing
      const secret = { id: marker, marker, fingerprint, set_at: now().toISOString() }
      const written = { ...withMark(entry, { secret }), clientSecret: value }
      await firstChange(store.write(step, "create", before, { applications: [written] }, [value]))
      return remoteSecret(secret)
    },

    async listSecrets(client) {
      const step = "list secrets"
      const secret = secretOf(applicationOf(await store.read(step), client, step))
      return secret === null ? [] : [secret]
    },

    async retire(client, secretRemoteId) {
      const step = "retire secret"
      const entry = (await store.read(step)).applications.find(({ clientId }) => clientId === client)
      if (!entry || secretOf(entry)?.remoteId !== secretRemoteId) return
      throw new ConnectorError(
        "unsupported",
        step,
        "An application has one secret, and it ends only when another is written or the application is deleted.",
      )
    },
  }
}

function applicationOf(state: State, client: string, step: string): Application {
  const entry = state.applications.find(({ clientId }) => clientId === client)
  if (entry) return entry
  throw new ConnectorError("not_found", step, "The host does not have this client.")
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null)

/** What our mark says of the secret that stands. The host never tells the secret itself. */
function secretOf(entry: Application): RemoteSecret | null {
  const secret = markOf(entry)?.secret
  return isObject(secret) && typeof secret.id === "string" ? remoteSecret(secret as JsonObject) : null
}

const remoteSecret = (secret: JsonObject): RemoteSecret => ({
  remoteId: textOf(secret.id) ?? "",
  marker: textOf(secret.marker),
  fingerprint: textOf(secret.fingerprint),
  createdAt: textOf(secret.set_at),
  expiresAt: null,
  lastUsedAt: null,
})
