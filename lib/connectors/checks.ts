import { ConnectorError } from "./connector-error.ts"
import type { Check } from "./port.ts"

/** The small words in which every kind's `check` speaks. */
export const pass = (name: string, why: string): Check => ({ name, is: "pass", why })
export const fail = (name: string, why: string): Check => ({ name, is: "fail", why })
export const warn = (name: string, why: string): Check => ({ name, is: "warn", why })
export const skipped = (name: string): Check => ({
  name,
  is: "skip",
  why: "Not tried, because an earlier check failed.",
})

/** The value, or the failed check that says why there is none. What is no ConnectorError is a bug and passes. */
export async function attempt<T>(name: string, run: () => Promise<T>): Promise<{ value: T } | { failed: Check }> {
  try {
    return { value: await run() }
  } catch (error) {
    if (error instanceof ConnectorError) return { failed: fail(name, error.message) }
    throw error
  }
}

/** One check of one sentence. */
export async function checked(name: string, run: () => Promise<string>): Promise<Check> {
  const tried = await attempt(name, run)
  return "failed" in tried ? tried.failed : pass(name, tried.value)
}
