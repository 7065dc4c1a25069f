/** Pure decisions about secret versions. */
import { isObject, type JsonObject } from "../base/json.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { OAuthError } from "../oauth/errors.ts"

export const secretStates = ["pending", "live", "retiring", "retired"] as const
export type SecretState = (typeof secretStates)[number]

/** The auth methods that need a secret. A client with private_key_jwt has none. */
export const needsSecret = (authMethod: unknown): authMethod is "client_secret_basic" | "client_secret_post" =>
  authMethod === "client_secret_basic" || authMethod === "client_secret_post"

const firstWaitMs = 2_000
const waitMaxMs = 300_000

/** What went wrong with the last attempt, and when the next one is due. */
export interface SecretTrouble extends JsonObject {
  readonly code: string
  readonly message: string
  readonly at: string
  readonly attempts: number
  readonly next_at: string
}

export function troubleOf(error: unknown, before: unknown, now: Date): SecretTrouble {
  const attempts = (isObject(before) && typeof before.attempts === "number" ? before.attempts : 0) + 1
  const wait = Math.min(firstWaitMs * 2 ** (attempts - 1), waitMaxMs)
  const told =
    error instanceof ConnectorError || error instanceof OAuthError
      ? { code: error.code, message: error.message }
      : { code: "unknown", message: "It failed for a reason of our own. The log has it." }
  return { ...told, at: now.toISOString(), attempts, next_at: new Date(now.getTime() + wait).toISOString() }
}

export const isDue = (trouble: unknown, now: Date): boolean =>
  !isObject(trouble) || typeof trouble.next_at !== "string" || Date.parse(trouble.next_at) <= now.getTime()

/** What the seal of a secret's value is bound to (T24). */
export const sealContext = (secret: {
  readonly id: string
  readonly clientId: string
  readonly providerId: string
}) => ({
  table: "client_secret",
  id: secret.id,
  client: secret.clientId,
  provider: secret.providerId,
})
