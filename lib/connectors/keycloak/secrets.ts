/**
 * Client secrets. Where the realm's rotation policy covers the client two live side by side, else a new one ends the old
 * one at once. The value is ours and written by PUT (tried on 26.7.4); a secret's id is its fingerprint, as Keycloak has none.
 */
import { randomBytes } from "node:crypto"
import { ConnectorError } from "../connector-error.ts"
import type { IssuedSecret, RemoteSecret, SecretsPort, Strategy } from "../secrets-port.ts"
import { goneIsDone } from "../gone.ts"
import { firstChange } from "../refused.ts"
import type { Context } from "./context.ts"
import { attribute } from "./names.ts"
import { readPolicy, type Rotation } from "./policy.ts"
import { rotatedSecret, secretAttribute } from "./put-client.ts"
import { requireUnmasked } from "./realm.ts"
import type { Client } from "./shapes.ts"

export function secretsPort(context: Context): SecretsPort {
  const { admin, realm, fingerprint } = context

  const present = async (clientId: string, step: string): Promise<Client> => {
    const client = await realm.clientNamed(clientId)
    if (!client) throw new ConnectorError("not_found", step, "The realm does not have this client.")
    requireUnmasked(client, step)
    return client
  }
  const put = async (client: Client, step: string, json: Record<string, unknown>, hide: readonly string[]) => {
    const path = `/clients/${encodeURIComponent(client.id)}`
    await admin({ step, kind: "create", method: "PUT", path, json, hide: [...hide, ...valuesOf(client)] }, null)
  }
  const listed = (client: Client): readonly RemoteSecret[] => {
    if (client.attributes[attribute.secret] === "unseen") return []
    const { attributes } = client
    const one = (value: string, created: string | undefined, expires: string | undefined): RemoteSecret => ({
      remoteId: fingerprint(value),
      fingerprint: fingerprint(value),
      createdAt: instant(created),
      expiresAt: instant(expires),
      lastUsedAt: null,
    })
    const old = rotatedSecret(client, Date.now())
    return [
      ...(client.secret
        ? [one(client.secret, attributes[secretAttribute.created], attributes[secretAttribute.expires])]
        : []),
      ...(old === null
        ? []
        : [one(old, attributes[secretAttribute.rotatedCreated], attributes[secretAttribute.rotatedExpires])]),
    ]
  }

  return {
    liveMax: 2,
    chooser: "either",
    expiry: "policy",
    list: "values",
    end: "by_id",
    strategy: "overlap",
    evidenceByLog: "none",
    async strategyOf(clientId) {
      const client = await present(clientId, "read the rotation policy")
      return strategyFor((await readPolicy(admin)).of(joining(client)))
    },
    async issue({ client: clientId, value, expiresAt }): Promise<IssuedSecret> {
      const step = "issue secret"
      const client = await present(clientId, step)
      const there = (current: Client) => listed(current).find((one) => one.remoteId === fingerprint(value))
      const already = there(client)
      if (already) return already
      const now = Math.floor(Date.now() / 1_000)
      const rotation = (await readPolicy(admin)).of(joining(client))
      await firstChange(put(client, step, issued(client, value, rotation, now, expiresAt), [value]))
      const made = there(await present(clientId, step))
      if (made) return made
      throw new ConnectorError("lost_answer", step, "The provider said yes and does not hold the new secret.")
    },
    async listSecrets(clientId) {
      return listed(await present(clientId, "list secrets"))
    },
    async retire(clientId, secretRemoteId) {
      const step = "retire secret"
      const client = await realm.clientNamed(clientId)
      if (!client) return
      const old = rotatedSecret(client, Date.now())
      const path = `/clients/${encodeURIComponent(client.id)}/client-secret`
      const dropRotated = () =>
        goneIsDone(admin({ step, kind: "write", method: "DELETE", path: `${path}/rotated` }, null))
      if (old !== null && fingerprint(old) === secretRemoteId) return await dropRotated()
      if (!client.secret || fingerprint(client.secret) !== secretRemoteId) return
      if (old !== null) {
        // The new one is taken back: the values change places, and what is then the old one goes.
        await put(client, step, swapped(client, old), [])
        return await dropRotated()
      }
      // The last one: it is replaced by a value that nobody ever sees.
      const nobodys = randomBytes(48).toString("base64url")
      const gone = { secret: nobodys, attributes: { [attribute.secret]: "unseen", ...noRotated } }
      await put(client, step, gone, [nobodys])
      await dropRotated()
    },
  }
}

const valuesOf = ({ secret, attributes }: Client): readonly string[] =>
  [secret, attributes[secretAttribute.rotated]].filter((value): value is string => !!value)

const instant = (seconds: string | undefined): string | null =>
  seconds && /^\d{1,11}$/.test(seconds) ? new Date(Number(seconds) * 1_000).toISOString() : null

/** An adopted client joins our policy with its first new secret, so the policy is judged as if it had. */
const joining = (client: Client): Client => ({
  ...client,
  attributes: { ...client.attributes, [attribute.rotation]: "true" },
})

export function strategyFor(rotation: Rotation): Strategy {
  if (rotation.is === "on" && rotation.overlapSeconds > 0)
    return {
      is: "overlap",
      why: `The realm's secret-rotation policy covers this client: the old secret works beside the new one until it is retired, at most ${periodText(rotation.overlapSeconds)}.`,
      downtimeSeconds: 0,
    }
  return {
    is: "in_place",
    why: inPlace[rotation.is],
    downtimeSeconds: null,
  }
}

const inPlace = {
  on: "The realm's secret-rotation policy gives the old secret of this client no time: it stops working the moment the new one is there.",
  off: "Overlap needs the secret-rotation policy of the realm, and none covers this client: the old secret stops working the moment the new one is there.",
  unknown:
    "Whether the realm's secret-rotation policy covers this client cannot be read without the role view-realm, so the old secret may stop working at once.",
} as const

/** In the largest unit that goes into it: `30 days`, `36 hours`, `90 s`. */
function periodText(seconds: number): string {
  const [unit, size] =
    seconds % 86_400 === 0
      ? (["days", 86_400] as const)
      : seconds % 3_600 === 0
        ? (["hours", 3_600] as const)
        : ["s", 1]
  return `${seconds / Number(size)} ${unit}`
}

const noRotated = {
  [secretAttribute.rotated]: "",
  [secretAttribute.rotatedCreated]: "",
  [secretAttribute.rotatedExpires]: "",
} as const

/** The PUT that brings a value of ours. Without all three rotated attributes the old one would be dead. */
export function issued(
  client: Client,
  value: string,
  rotation: Rotation,
  now: number,
  expiresAt: string | null,
): Record<string, unknown> {
  const { attributes } = client
  if (rotation.is !== "on") return { secret: value, attributes: { [attribute.secret]: "issued" } }
  const ends = expiresAt === null ? now + rotation.expirationSeconds : Math.floor(Date.parse(expiresAt) / 1_000)
  // What Keycloak made by itself for a new client of ours was never seen by anybody and ends here; what has expired stays so,
  // and with it an older value, which the main secret's end had ended too and a later end would bring back.
  const expired = Number(attributes[secretAttribute.expires] ?? now + 1) <= now
  const nobodys = attributes[attribute.secret] === "unseen" || !client.secret || expired
  return {
    secret: value,
    attributes: {
      [attribute.rotation]: "true",
      [attribute.secret]: "issued",
      [secretAttribute.created]: String(now),
      [secretAttribute.expires]: String(ends),
      ...(nobodys
        ? noRotated
        : {
            [secretAttribute.rotated]: client.secret,
            [secretAttribute.rotatedCreated]: attributes[secretAttribute.created] ?? String(now),
            [secretAttribute.rotatedExpires]: String(now + rotation.overlapSeconds),
          }),
    },
  }
}

function swapped({ secret, attributes }: Client, old: string): Record<string, unknown> {
  const now = String(Math.floor(Date.now() / 1_000))
  return {
    secret: old,
    attributes: {
      [secretAttribute.created]: attributes[secretAttribute.rotatedCreated] ?? now,
      [secretAttribute.rotated]: secret,
      [secretAttribute.rotatedCreated]: now,
      [secretAttribute.rotatedExpires]: attributes[secretAttribute.rotatedExpires] ?? now,
    },
  }
}
