import { randomBytes } from "node:crypto"
import { setTimeout as sleep } from "node:timers/promises"
import { startStack, type Stack, type StackPart } from "../scripts/stack.ts"
import { apiAt, type Api } from "./world.ts"

/** The parts whose sudden death nothing may notice. */
export const parts = ["web", "worker", "postgres", "idp"] as const satisfies readonly StackPart[]

/** How long a killed part may take to be back and ready, in milliseconds. */
export const backWithinMs = 10_000

export interface Rig {
  readonly stack: Stack
  readonly api: Api
  /** As `api`, but asks again while something is down (no answer, or 503). Only for what may be repeated. */
  readonly patient: Api
}

/** A whole Grantry of its own, with an API token. */
export async function startRig(): Promise<Rig> {
  const token = `gty_${randomBytes(32).toString("base64url")}`
  const stack = await startStack({ env: { GRANTRY_BOOTSTRAP_TOKEN: token } })
  const api = apiAt(stack.url, token)
  return { stack, api, patient: { call: (...args) => patiently(() => api.call(...args)) } }
}

const isDown = (error: unknown): boolean =>
  error instanceof Error && (error instanceof TypeError || / answered 503: /.test(error.message))

/** Repeats while the other side is down, for at most a minute. */
export async function patiently<T>(run: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + 60_000; ; await sleep(100)) {
    try {
      return await run()
    } catch (error) {
      if (!isDown(error) || Date.now() > end) throw error
    }
  }
}

/** SIGKILL to one part. Resolves to the milliseconds until it was back and all was ready. */
export async function strike(stack: Stack, part: StackPart): Promise<number> {
  const was = await stack.kill(part)
  return stack.ready({ part, was })
}
