/** providers.md 11.7 and 11.8: how long to wait, and what an error means for the step. Pure. */
import { ConnectorError } from "../connectors/connector-error.ts"

const firstWaitMs = 250
const waitMaxMs = 10_000

/** Tries of one step that end in doubt or trouble. */
export const attemptsMax = 5
/** Waits of one call for a provider that says "slow down": no failures, but not endless either. */
const throttlesMax = 200

/** Full jitter over an exponential, never shorter than what the provider asks for. */
export function waitMs(error: ConnectorError, attempt: number, random: () => number, now: Date): number {
  const jittered = random() * Math.min(firstWaitMs * 2 ** attempt, waitMaxMs)
  const asked = error.retryAt === null ? 0 : error.retryAt.getTime() - now.getTime()
  return Math.max(asked > 0 ? asked * (1 + 0.1 * random()) : 0, jittered)
}

/**
 * A 429 was not carried out, so the same call is sent again after the wait (F19). Other errors pass, and a wait longer than
 * `longestMs` is not begun.
 */
export async function patiently<T>(
  call: () => Promise<T>,
  world: { readonly sleep: (ms: number) => Promise<void>; readonly random: () => number },
  { longestMs = Number.POSITIVE_INFINITY }: { readonly longestMs?: number } = {},
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== "rate_limited" || tries >= throttlesMax) throw error
      const wait = waitMs(error, Math.min(tries, 8), world.random, new Date())
      if (wait > longestMs) throw error
      await world.sleep(wait)
    }
  }
}

/**
 * `doubtful`: look again before anything is sent. `fatal`: the
 * whole provider is out of reach for us. `failed`: this step, and no other.
 */
export function meaningOf(error: ConnectorError): "doubtful" | "fatal" | "failed" {
  switch (error.code) {
    case "lost_answer":
    case "unavailable":
    case "not_found":
    case "conflict":
      return "doubtful"
    case "auth_failed":
    case "rate_limited":
      return "fatal"
    default:
      return "failed"
  }
}
