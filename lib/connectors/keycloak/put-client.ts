import { ConnectorError } from "../connector-error.ts"
import type { Context } from "./context.ts"
import { readPolicy } from "./policy.ts"
import type { Client } from "./shapes.ts"

/** Client attributes of the secret-rotation feature: values, and unix seconds as text. */
export const secretAttribute = {
  created: "client.secret.creation.time",
  expires: "client.secret.expiration.time",
  /** The old value itself, in clear. Never shown, never kept. */
  rotated: "client.secret.rotated",
  rotatedCreated: "client.secret.rotated.creation.time",
  rotatedExpires: "client.secret.rotated.expiration.time",
} as const

/** The old secret that still works, or null. */
export function rotatedSecret({ attributes }: Pick<Client, "attributes">, nowMs: number): string | null {
  const value = attributes[secretAttribute.rotated]
  const expires = Number(attributes[secretAttribute.rotatedExpires] ?? 0)
  return value && expires * 1_000 > nowMs ? value : null
}

/**
 * Writes a client without touching its secrets. Refused where the very write would: in overlap without a policy it ends the
 * old secret, and past the secret's end, with one, it makes a new secret. Throws ConnectorError `conflict` or `forbidden`.
 */
export async function putClient(
  { admin }: Context,
  current: Client,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  const step = `update ${current.clientId}`
  const expires = Number(current.attributes[secretAttribute.expires] ?? 0)
  const overlap = rotatedSecret(current, Date.now()) !== null
  const expired = expires > 0 && expires * 1_000 <= Date.now()
  if (overlap || expired) {
    const policy = (await readPolicy(admin)).of(current)
    if (policy.is === "unknown")
      throw new ConnectorError(
        "forbidden",
        step,
        "Its secret is being rotated, and without the role view-realm nobody can tell whether this write would end the old secret.",
      )
    if (overlap && policy.is === "off")
      throw new ConnectorError(
        "conflict",
        step,
        "Two secrets are live and the realm's rotation policy no longer covers this client: this write would end the old one at once. Finish the rotation first, or bring the policy back.",
      )
    if (expired && policy.is === "on")
      throw new ConnectorError(
        "conflict",
        step,
        "Its secret has expired by the realm's rotation policy: this write would make Keycloak choose a new one. Rotate the secret first.",
      )
  }
  const path = `/clients/${encodeURIComponent(current.id)}`
  await admin({ step, kind: "write", method: "PUT", path, json: { attributes: {}, ...body } }, null)
}
