import { z } from "zod"
import { dayMs, minuteMs } from "../../base/time.ts"
import { ConnectorError } from "../connector-error.ts"
import type { RemoteSecret, SecretsPort } from "../secrets-port.ts"
import type { Applications } from "./applications.ts"
import type { Graph } from "./graph.ts"
import { looked, untilKnown, type Sleep } from "./patience.ts"
import { remotePassword, type Application, type RemotePassword } from "./shapes.ts"
import type { Uses } from "./uses.ts"

/** No limit is documented (providers.md 4.4); more than this on one client is a mistake of somebody. */
const liveMax = 50
/** Without an end Entra gives two years; we always name it, so that it is ours and known. */
const longestMs = 730 * dayMs
/** Until a new secret is known everywhere. Seconds as a rule, at most about two minutes. */
const settleMs = 2 * minuteMs

const added = remotePassword.extend({ secretText: z.string().min(1) })

/** Which rotation made a secret stands in its name, so that a lost answer is found again. */
const prefix = "grantry "
const nameOf = (marker: string): string => `${prefix}${marker}`

/**
 * Passwords of the application (its service principal has a list of its own, which is not used). Microsoft chooses the
 * value and tells it once; each secret has a start and an end of its own.
 */
export function secretsPort(graph: Graph, apps: Applications, uses: Uses, sleep: Sleep): SecretsPort {
  async function named(client: string, step: string): Promise<Application> {
    const entry = await apps.find("client", client)
    if (entry) return entry.app
    throw new ConnectorError("not_found", step, "The provider does not have this client.")
  }
  const path = ({ id }: Application, action: string): string => `/applications/${encodeURIComponent(id)}/${action}`

  const end = (app: Application, keyId: string, step: string): Promise<null> =>
    graph({ step, kind: "write", method: "POST", path: path(app, "removePassword"), json: { keyId } }, null)

  /** A key that is gone already is refused as a 400, like anything else: the list tells, perhaps after a moment. */
  async function endGone(app: Application, client: string, keyId: string): Promise<void> {
    try {
      await end(app, keyId, "retire secret")
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== "invalid") throw error
      const gone = async () => {
        const now = await apps.find("client", client)
        return now && passwordsOf(now.app).some((one) => one.keyId === keyId) ? null : true
      }
      if ((await looked(gone, sleep)) === null) throw error
    }
  }

  return {
    liveMax,
    chooser: "provider",
    expiry: "per_secret",
    list: "ids",
    end: "by_id",
    strategy: "overlap",
    settleMs,
    // Sign-ins carry the id of a certificate; that they carry a secret's is not confirmed (providers.md 12, E1).
    evidenceByLog: "none",
    async issue({ client, value, marker, expiresAt }) {
      const step = "issue secret"
      const app = await named(client, step)
      // Nobody ever learned the value of one that bears our marker: its answer was lost.
      for (const lost of passwordsOf(app).filter(({ displayName }) => displayName === nameOf(marker)))
        await end(app, lost.keyId, step)
      const now = Date.now()
      const until = expiresAt === null ? now + longestMs : Date.parse(expiresAt)
      const json = {
        passwordCredential: {
          displayName: nameOf(marker),
          startDateTime: new Date(Math.min(now, until - minuteMs)).toISOString(),
          endDateTime: new Date(until).toISOString(),
        },
      }
      const send = () =>
        graph({ step, kind: "create", method: "POST", path: path(app, "addPassword"), json, hide: [value] }, added)
      const { secretText, ...told } = await untilKnown(send, sleep)
      return { ...secretOf(told, null), value: secretText }
    },
    async listSecrets(client) {
      const app = await named(client, "list secrets")
      const used = await uses.of(app.appId)
      return passwordsOf(app).map((one) => secretOf(one, used.get(one.keyId.toLowerCase()) ?? null))
    },
    async retire(client, secretRemoteId) {
      const entry = await apps.find("client", client)
      const there = entry && passwordsOf(entry.app).find(({ keyId }) => keyId === secretRemoteId)
      if (there) await endGone(entry.app, client, there.keyId)
    },
  }
}

const passwordsOf = (app: Application): readonly RemotePassword[] => app.passwordCredentials ?? []

const secretOf = (told: RemotePassword, lastUsedAt: string | null): RemoteSecret => ({
  remoteId: told.keyId,
  marker: told.displayName?.startsWith(prefix) ? told.displayName.slice(prefix.length) : null,
  fingerprint: null,
  createdAt: told.startDateTime ?? null,
  expiresAt: told.endDateTime ?? null,
  lastUsedAt,
})
