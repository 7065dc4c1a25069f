import { minuteMs, secondMs } from "../../base/time.ts"
import { ConnectorError } from "../connector-error.ts"

/** Graph is eventually consistent: what we just made may be unknown to the next call for about two minutes (providers.md 4.2). */
const replicationMs = 2 * minuteMs
const firstWaitMs = 250
const waitMaxMs = 10 * secondMs

export type Sleep = (ms: number) => Promise<void>
export const realSleep: Sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Repeats a call about an object that we made a moment ago, and that Graph says it does not know. Only for such objects. */
export async function untilKnown<T>(run: () => Promise<T>, sleep: Sleep): Promise<T> {
  for (let waited = 0, wait = firstWaitMs; ; waited += wait, wait = Math.min(wait * 2, waitMaxMs)) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== "not_found" || waited >= replicationMs) throw error
      await sleep(wait)
    }
  }
}

/** A create that is safe to send again, and whose answer may be lost: what there is afterwards tells. */
export interface Made<T> {
  readonly value: T
  /** The lost answer, to be thrown once all the rest is done. */
  readonly lost: ConnectorError | null
}

/** Looks again for a few seconds while there is nothing to see: what was written may not be readable yet. */
export async function looked<T>(look: () => Promise<T | null>, sleep: Sleep): Promise<T | null> {
  for (let tries = 0, wait = firstWaitMs; ; tries++, wait *= 2) {
    const found = await look()
    if (found !== null || tries >= looksMax) return found
    await sleep(wait)
  }
}
const looksMax = 4

/** Runs a create; after a lost answer it looks, and goes on where the object is there. Otherwise throws what was lost. */
export async function sure<T>(create: () => Promise<T>, look: () => Promise<T | null>, sleep: Sleep): Promise<Made<T>> {
  try {
    return { value: await create(), lost: null }
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== "lost_answer") throw error
    const value = await looked(look, sleep)
    if (value === null) throw error
    return { value, lost: error }
  }
}
