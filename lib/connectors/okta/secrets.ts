import { minuteMs } from "../../base/time.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Opened } from "../port.ts"
import type { RemoteSecret, SecretsPort } from "../secrets-port.ts"
import { goneIsDone } from "../gone.ts"
import { refused } from "../refused.ts"
import type { Session } from "./api.ts"
import { changedApp, profileOf, usesKeys, withProfile } from "./app.ts"
import { appPath, type Clients } from "./clients.ts"
import { secretNotes, stillOf, type SecretNotes } from "./secret-notes.ts"
import { remoteSecret, type OktaSecret, type RemoteApp } from "./shapes.ts"

/** Okta Management API 2026.06, Create an OAuth 2.0 client secret. Inactive ones count. */
const secretsMax = 2
/** How far Okta's clock and ours may be apart. */
const skewMs = 5 * minuteMs

/**
 * Two secrets, which both work while they are active. They are listed only here: each listing is an event in the
 * customer's System Log. Retiring deactivates; the inactive one stays, so that an administrator can bring it back, until
 * the next secret needs its place.
 */
export function secretsPort({ api, list }: Session, clients: Clients, opened: Opened, now: () => Date): SecretsPort {
  const notesOf = secretNotes(opened.memory)
  const secretsPath = (app: string): string => `${appPath(app)}/credentials/secrets`
  const listed = (app: RemoteApp) => list({ step: "list secrets", path: secretsPath(app.id) }, remoteSecret)

  async function named(client: string, step: string): Promise<RemoteApp> {
    const found = await clients.byKey(client)
    if (!found) throw new ConnectorError("not_found", step, "The provider does not have this client.")
    return found
  }

  const act = (app: RemoteApp, id: string, step: string) =>
    goneIsDone(
      api({ step, kind: "write", method: "POST", path: `${secretsPath(app.id)}/${id}/lifecycle/deactivate` }, null),
    )

  async function erase(app: RemoteApp, secret: OktaSecret, step: string): Promise<void> {
    // Okta deletes no active secret, and deactivates none that is the only one.
    if (secret.status !== "INACTIVE") await act(app, secret.id, step)
    await goneIsDone(api({ step, kind: "write", method: "DELETE", path: `${secretsPath(app.id)}/${secret.id}` }, null))
  }

  const told = (secret: OktaSecret, notes: SecretNotes): RemoteSecret => ({
    remoteId: secret.id,
    marker: notes.ours[secret.id]?.marker ?? null,
    fingerprint:
      notes.ours[secret.id]?.fingerprint ?? (isClear(secret) ? opened.fingerprint(secret.client_secret ?? "") : null),
    createdAt: secret.created ?? null,
    expiresAt: null,
    lastUsedAt: null,
  })

  async function makeRoom(app: RemoteApp, all: readonly OktaSecret[], notes: SecretNotes, step: string) {
    if (all.length < secretsMax) return
    const unseen = unseenOf(app, all, notes)
    const spare =
      all.find((one) => one.status === "INACTIVE" && (one.id in notes.ours || notes.ended.includes(one.id))) ??
      (all.some((one) => one.id !== unseen?.id && one.status !== "INACTIVE") ? unseen : undefined)
    if (spare) return await erase(app, spare, step)
    const both = all.map(
      ({ id, status, created }) => `${id} (${status ?? "unknown"}, made ${created ?? "at an unknown time"})`,
    )
    throw full(
      step,
      `Okta keeps two secrets for each client and has both: ${both.join(" and ")}. Remove one there first.`,
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
    async issue({ client, value, fingerprint, marker }) {
      const step = "issue secret"
      const app = await named(client, step)
      if (usesKeys(app))
        throw new ConnectorError(
          "unsupported",
          step,
          "This client proves itself with keys, and Okta refuses it a secret.",
        )
      const all = await listed(app)
      const notes = stillOf(await notesOf.read(app.id), all)
      let secret = all.find((one) => one.status !== "INACTIVE" && isThis(one, { value, marker }, notes))
      if (!secret) {
        await makeRoom(app, all, notes, step)
        await notesOf.write(app.id, { ...notes, pending: { marker, before: all.map(({ id }) => id) } })
        const json = { client_secret: value, status: "ACTIVE" }
        const path = secretsPath(app.id)
        secret = await api({ step, kind: "create", method: "POST", path, json, hide: [value] }, remoteSecret).catch(
          async (error: unknown) => {
            // What comes after a refusal is not of this call, and must not be taken for it.
            if (refused(error)) await notesOf.write(app.id, notes)
            const tooMany =
              error instanceof ConnectorError && error.code === "invalid" && (await listed(app)).length >= secretsMax
            throw tooMany ? full(step, "Okta keeps two secrets for each client, and has two meanwhile.") : error
          },
        )
      }
      const ours = { ...notes.ours, [secret.id]: { marker, fingerprint } }
      await notesOf.write(app.id, { ...notes, ours, pending: null })
      await forgetUnseen(app, [...all, secret], { ...notes, ours }, step)
      return told(secret, { ...notes, ours })
    },
    async listSecrets(client) {
      const app = await named(client, "list secrets")
      if (usesKeys(app)) return []
      const all = await listed(app)
      const notes = await notesOf.read(app.id)
      const unseen = unseenOf(app, all, notes)
      return all.filter(({ id, status }) => status !== "INACTIVE" && id !== unseen?.id).map((one) => told(one, notes))
    },
    async retire(client, secretRemoteId) {
      const step = "retire secret"
      const app = await clients.byKey(client)
      if (!app || usesKeys(app)) return
      const all = await listed(app)
      const active = all.filter(({ status }) => status !== "INACTIVE")
      if (!active.some(({ id }) => id === secretRemoteId)) return
      if (active.length === 1)
        throw new ConnectorError(
          "conflict",
          step,
          "Okta deactivates no client's only active secret. Issue another one first, or disable the client.",
        )
      const notes = stillOf(await notesOf.read(app.id), all)
      if (!notes.ended.includes(secretRemoteId))
        await notesOf.write(app.id, { ...notes, ended: [...notes.ended, secretRemoteId] })
      await act(app, secretRemoteId, step)
    },
  }

  /** The secret that Okta made by itself goes as soon as there is one that somebody has. */
  async function forgetUnseen(app: RemoteApp, all: readonly OktaSecret[], notes: SecretNotes, step: string) {
    if ((profileOf(app).unseen ?? null) === null) return
    const unseen = unseenOf(app, all, notes)
    if (unseen) await erase(app, unseen, step)
    const json = { ...changedApp(app, [], now()), profile: withProfile(app, { unseen: undefined }) }
    await clients.put(app.id, json, step)
  }
}

const full = (step: string, message: string) => new ConnectorError("quota", step, message)

/** Whether lists show values is Okta's choice, and may be a mask (providers.md 12, O2). */
const isClear = ({ client_secret: value }: OktaSecret): boolean => (value ?? "") !== "" && !/^\*+$/.test(value ?? "")

/** The same value, or, where values are hidden, the one that was not there before our own call was sent. */
function isThis(one: OktaSecret, wanted: { value: string; marker: string }, notes: SecretNotes): boolean {
  if (notes.ours[one.id]?.marker === wanted.marker) return true
  if (isClear(one)) return one.client_secret === wanted.value
  return notes.pending?.marker === wanted.marker && !notes.pending.before.includes(one.id) && !(one.id in notes.ours)
}

/** What Okta made with the app, or when we took it back from keys to secrets: at that time, and not by us. */
function unseenOf(app: RemoteApp, all: readonly OktaSecret[], notes: SecretNotes): OktaSecret | undefined {
  const at = Date.parse(profileOf(app).unseen ?? "")
  if (!Number.isFinite(at)) return undefined
  return all
    .filter(({ id, created }) => !(id in notes.ours) && Math.abs(Date.parse(created ?? "") - at) <= skewMs)
    .toSorted((a, b) => Date.parse(a.created ?? "") - Date.parse(b.created ?? ""))
    .find(({ id }) => notes.pending === null || notes.pending.before.includes(id))
}
