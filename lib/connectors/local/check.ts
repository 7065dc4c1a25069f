import type { z } from "zod"
import type { GuardedFetch } from "../../base/http.ts"
import { minuteMs, secondMs } from "../../base/time.ts"
import { call } from "../call.ts"
import { ConnectorError } from "../connector-error.ts"
import type { Check, Endpoints } from "../port.ts"
import type { Admin } from "./admin.ts"
import { info, jwks } from "./shapes.ts"

const skewMaxMs = 30 * secondMs
const outboxAgeMaxMs = 5 * minuteMs

/** Tries what Grantry needs here, one named check each. Writes nothing. */
export async function check(
  fetch: GuardedFetch,
  admin: Admin,
  endpoints: () => Promise<Endpoints>,
  issuer: string,
): Promise<readonly Check[]> {
  const told = await attempt("admin_api", async () => {
    const answer = await admin({ step: "read info", kind: "read", method: "GET", path: "/info" }, info)
    if (answer.issuer !== issuer)
      throw new ConnectorError("unknown", "read info", `This provider calls itself ${answer.issuer}.`)
    return answer
  })
  if ("failed" in told)
    return [told.failed, ...["may_write", "discovery", "signing_keys", "clock", "events"].map((name) => skipped(name))]
  const known = await attempt("discovery", endpoints)
  const keys =
    "failed" in known
      ? skipped("signing_keys")
      : await named("signing_keys", async () => {
          const set = await call(
            fetch,
            { step: "read keys", kind: "read", method: "GET", url: known.value.jwksUri },
            jwks,
          )
          if (set.keys.length === 0)
            throw new ConnectorError("unknown", "read keys", "The provider publishes no signing key.")
          return `${set.keys.length} signing keys are published.`
        })
  return [
    pass("admin_api", "The admin API answers and accepts our token."),
    told.value.may === "write"
      ? pass("may_write", "Our token may write, as the provider tells; nothing was written to try it.")
      : fail("may_write", "Our token may only read."),
    "failed" in known ? known.failed : pass("discovery", "The discovery document names the configured issuer."),
    keys,
    clock(new Date(told.value.time), new Date()),
    events(told.value.outbox, new Date()),
  ]
}

const pass = (name: string, why: string): Check => ({ name, is: "pass", why })
const fail = (name: string, why: string): Check => ({ name, is: "fail", why })
const skipped = (name: string): Check => ({ name, is: "skip", why: "Not tried, because an earlier check failed." })

function clock(theirs: Date, ours: Date): Check {
  const skewMs = Math.abs(theirs.getTime() - ours.getTime())
  const seconds = Math.round(skewMs / secondMs)
  return skewMs <= skewMaxMs
    ? pass("clock", `The clocks differ by ${seconds} s.`)
    : {
        name: "clock",
        is: "warn",
        why: `The clocks differ by ${seconds} s: fresh tokens may look expired or not yet valid.`,
      }
}

function events(outbox: z.output<typeof info>["outbox"], now: Date): Check {
  const ageMs = outbox.oldest_at === null ? 0 : now.getTime() - new Date(outbox.oldest_at).getTime()
  if (outbox.parked > 0)
    return {
      name: "events",
      is: "warn",
      why: `${outbox.parked} token events were refused by the ingestion and are parked.`,
    }
  if (ageMs > outboxAgeMaxMs)
    return {
      name: "events",
      is: "warn",
      why: `${outbox.waiting} token events wait, the oldest for ${Math.round(ageMs / minuteMs)} minutes.`,
    }
  return pass("events", `${outbox.waiting} token events wait to be shipped.`)
}

async function attempt<T>(name: string, run: () => Promise<T>): Promise<{ value: T } | { failed: Check }> {
  try {
    return { value: await run() }
  } catch (error) {
    if (error instanceof ConnectorError) return { failed: fail(name, error.message) }
    throw error
  }
}

async function named(name: string, run: () => Promise<string>): Promise<Check> {
  const tried = await attempt(name, run)
  return "failed" in tried ? tried.failed : pass(name, tried.value)
}
