/** providers.md 11.7 and 11.8: how long to wait, and what an error means for the step. Pure. */
import type { ConnectorError } from "../connectors/port.ts"

const firstWaitMs = 250
const waitMaxMs = 10_000

/** Tries of one step that end in doubt or trouble. */
export const attemptsMax = 5
/** Waits for a provider that says "slow down": they are not failures, but not endless either. */
export const throttlesMax = 60

/** Full jitter over an exponential, never shorter than what the provider asks for. */
export function waitMs(error: ConnectorError, attempt: number, random: () => number, now: Date): number {
  const jittered = random() * Math.min(firstWaitMs * 2 ** attempt, waitMaxMs)
  const asked = error.retryAt === null ? 0 : error.retryAt.getTime() - now.getTime()
  return Math.max(asked > 0 ? asked * (1 + 0.1 * random()) : 0, jittered)
}

/**
 * `throttled`: it was not carried out, wait and send again. `doubtful`: look again before anything is sent. `fatal`: the
 * whole provider is out of reach for us. `failed`: this step, and no other.
 */
export function meaningOf(error: ConnectorError): "throttled" | "doubtful" | "fatal" | "failed" {
  switch (error.code) {
    case "rate_limited":
      return "throttled"
    case "lost_answer":
    case "unavailable":
    case "not_found":
    case "conflict":
      return "doubtful"
    case "auth_failed":
      return "fatal"
    default:
      return "failed"
  }
}
