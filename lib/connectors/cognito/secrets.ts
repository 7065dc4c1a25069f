import { secondMs } from "../../base/time.ts"
import { ConnectorError } from "../connector-error.ts"
import type { RemoteSecret, SecretsPort } from "../secrets-port.ts"
import { goneIsDone } from "../gone.ts"
import { refused } from "../refused.ts"
import type { Api } from "./api.ts"
import type { Clients } from "./clients.ts"
import { listAll } from "./list.ts"
import { ourName } from "./names.ts"
import type { Notes, SecretNotes } from "./notes.ts"
import { remoteSecret, secretAnswer, type CognitoSecret, type RemoteClient } from "./shapes.ts"

/** "Supports up to 2 active secrets per app client" (AddUserPoolClientSecret). */
const secretsMax = 2
/** The form of a value of our own: 24 to 64 letters, digits, underscores or plus signs. */
export const secretForm = /^[\w+]{24,64}$/

/**
 * Two secrets, which both work until one is deleted: Cognito knows no dates and no inactive ones, so our own timer ends the
 * old one. It tells ids and dates; whose they are Grantry remembers itself.
 */
export function secretsPort(api: Api, clients: Clients, notes: Notes): SecretsPort {
  const listed = ({ ClientId }: RemoteClient): Promise<readonly CognitoSecret[]> =>
    listAll(
      api,
      {
        step: "list secrets",
        operation: "ListUserPoolClientSecrets",
        member: "ClientSecrets",
        input: { ClientId },
      },
      remoteSecret,
    )

  async function named(client: string, step: string): Promise<RemoteClient> {
    const found = await clients.byKey(client)
    if (found === null) throw new ConnectorError("not_found", step, "The provider does not have this client.")
    return found
  }

  const erase = (client: RemoteClient, id: string, step: string): Promise<void> =>
    goneIsDone(
      api(
        {
          step,
          kind: "write",
          operation: "DeleteUserPoolClientSecret",
          input: { ClientId: client.ClientId, ClientSecretId: id },
        },
        null,
      ),
    )

  /** What Cognito made with the client, as long as we have issued nothing that replaced it. */
  async function unseenOf(key: string, client: RemoteClient, all: readonly CognitoSecret[], held: SecretNotes) {
    const making = await notes.making(key)
    const ours = ourName(client.ClientName)
    if (making === null || ours === null || (ours.marker !== null && ours.marker !== making)) return undefined
    return all
      .filter((one) => isAsOldAs(one, client))
      .filter(({ ClientSecretId: id }) => !(id in held.ours) && (held.pending?.before.includes(id) ?? true))
      .toSorted(byAge)[0]
  }

  /** What is left once there is room for one more. */
  async function makeRoom(client: RemoteClient, all: readonly CognitoSecret[], unseen: CognitoSecret | undefined) {
    if (all.length < secretsMax) return all
    const step = "issue secret"
    if (unseen) {
      await erase(client, unseen.ClientSecretId, step)
      return all.filter((one) => one !== unseen)
    }
    const both = all.toSorted(byAge).map((one) => `${one.ClientSecretId} (made ${dateOf(one) ?? "at an unknown time"})`)
    throw new ConnectorError(
      "quota",
      step,
      `Cognito keeps two secrets for each client and has both: ${both.join(" and ")}. Delete one there first.`,
    )
  }

  return {
    liveMax: secretsMax,
    chooser: "caller",
    expiry: "none",
    list: "ids",
    end: "by_id",
    strategy: "overlap",
    evidenceByLog: "none",
    async issue({ client: key, value, fingerprint, marker }) {
      const step = "issue secret"
      if (!secretForm.test(value))
        throw new ConnectorError("invalid", step, "Cognito takes 24 to 64 letters, digits, _ or + as a secret.")
      const client = await named(key, step)
      if (client.ClientType === "DCR")
        throw new ConnectorError("feature_missing", step, "A client that registered itself takes no second secret.")
      const all = await listed(client)
      const held = await notes.read(client.ClientId)
      let unseen = await unseenOf(key, client, all, held)
      let secret = all.find((one) => isThis(one, marker, held))
      if (!secret) {
        const left = await makeRoom(client, all, unseen)
        if (unseen && !left.includes(unseen)) {
          // Ids are of seconds, so that of one just deleted may come again.
          unseen = undefined
          await notes.forgetMaking(key)
        }
        const before = left.map(({ ClientSecretId }) => ClientSecretId)
        await notes.write(client.ClientId, { ...held, pending: { marker, before } })
        const input = { ClientId: client.ClientId, ClientSecret: value }
        const call = { step, kind: "create", operation: "AddUserPoolClientSecret", input, hide: [value] } as const
        secret = await api(call, secretAnswer).then(
          ({ ClientSecretDescriptor: made }) => made,
          async (error: unknown) => {
            // What comes after a refusal is not of this call, and must not be taken for it.
            if (refused(error)) await notes.write(client.ClientId, held)
            throw error
          },
        )
      }
      const ours = { ...held.ours, [secret.ClientSecretId]: { marker, fingerprint } }
      // The one that nobody has goes as soon as there is one that somebody has, and only then is nothing pending any more.
      if (unseen) await erase(client, unseen.ClientSecretId, step)
      await notes.forgetMaking(key)
      await notes.write(client.ClientId, { ours, pending: null })
      return told(secret, { ours, pending: null })
    },
    async listSecrets(key) {
      const client = await named(key, "list secrets")
      const all = await listed(client)
      const held = await notes.read(client.ClientId)
      const unseen = await unseenOf(key, client, all, held)
      return all
        .filter(({ ClientSecretId }) => ClientSecretId !== unseen?.ClientSecretId)
        .toSorted(byAge)
        .map((one) => told(one, held))
    },
    async retire(key, secretRemoteId) {
      const step = "retire secret"
      const client = await clients.byKey(key)
      if (client === null) return
      const all = await listed(client)
      if (!all.some(({ ClientSecretId }) => ClientSecretId === secretRemoteId)) return
      if (all.length === 1)
        throw new ConnectorError(
          "conflict",
          step,
          "Cognito deletes no client's last secret. Issue another one first, or disable the client.",
        )
      await erase(client, secretRemoteId, step)
      const held = await notes.read(client.ClientId)
      const { [secretRemoteId]: _ended, ...ours } = held.ours
      await notes.write(client.ClientId, { ...held, ours })
    },
  }
}

/** The one that was issued under this marker, or that was not there before a call of ours whose answer was lost. */
function isThis({ ClientSecretId: id }: CognitoSecret, marker: string, { ours, pending }: SecretNotes): boolean {
  if (id in ours) return ours[id]?.marker === marker
  return pending?.marker === marker && !pending.before.includes(id)
}

/** How long AWS may take over one creation, in seconds. */
const makingSeconds = 60

const isAsOldAs = ({ ClientSecretCreateDate: at }: CognitoSecret, { CreationDate: born }: RemoteClient): boolean =>
  at === null || born === null || Math.abs(at - born) <= makingSeconds

const dateOf = ({ ClientSecretCreateDate: at }: CognitoSecret): string | null =>
  at === null ? null : new Date(at * secondMs).toISOString()

const byAge = (a: CognitoSecret, b: CognitoSecret): number =>
  (a.ClientSecretCreateDate ?? 0) - (b.ClientSecretCreateDate ?? 0) || (a.ClientSecretId < b.ClientSecretId ? -1 : 1)

const told = (secret: CognitoSecret, { ours }: SecretNotes): RemoteSecret => ({
  remoteId: secret.ClientSecretId,
  marker: ours[secret.ClientSecretId]?.marker ?? null,
  fingerprint: ours[secret.ClientSecretId]?.fingerprint ?? null,
  createdAt: dateOf(secret),
  expiresAt: null,
  lastUsedAt: null,
})
