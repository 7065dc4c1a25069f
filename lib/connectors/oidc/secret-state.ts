/** The one secret of a registration: which version stands, who has seen it, and when its value may be forgotten. Pure. */
import type { KeptSecret, Registration } from "./records.ts"
import type { ClientInformation } from "./shapes.ts"

/** A value that was handed over is kept this much longer, in case that answer was lost on the way. */
const keepHandedMs = 3_600_000

/**
 * Takes a secret that an answer shows. `made`: our own call may have brought it, so a new one is ours to hand over;
 * `seen`: a new one was made by somebody else, and is in use for all we know.
 */
export function absorbSecret(
  registration: Registration,
  told: ClientInformation,
  fingerprint: (value: string) => string,
  how: "made" | "seen",
  now: Date,
): Registration {
  const value = told.client_secret
  const had = registration.secret
  if (!value) return { ...registration, secret: had === null ? null : forgetful(had, now) }
  const mark = fingerprint(value)
  if (had?.fingerprint === mark)
    return { ...registration, secret: { ...forgetful(had, now), expires_at: endOf(told) ?? had.expires_at } }
  const ours = how === "made" || registration.replacing !== null
  return {
    ...registration,
    secret: {
      version: (had?.version ?? 0) + 1,
      fingerprint: mark,
      issued_at: now.toISOString(),
      expires_at: endOf(told),
      value: ours ? value : null,
      claimed_by: ours ? null : "somebody else",
      claimed_at: ours ? null : now.toISOString(),
    },
  }
}

/** Without a value that was handed over long ago. */
export function forgetful(secret: KeptSecret, now: Date): KeptSecret {
  if (secret.value === null || secret.claimed_at === null) return secret
  return now.getTime() - Date.parse(secret.claimed_at) > keepHandedMs ? { ...secret, value: null } : secret
}

/** `client_secret_expires_at`: 0 is never (RFC 7591 section 3.2.1). */
function endOf(told: ClientInformation): string | null {
  const at = told.client_secret_expires_at
  return at ? new Date(at * 1_000).toISOString() : null
}
