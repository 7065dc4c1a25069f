import "server-only"
import { z } from "zod"
import { Refused } from "../base/errors.ts"
import { outgoing } from "../base/http.ts"
import { db } from "../db/client.ts"
import { requireDurability } from "../events/durability.ts"
import { runtime } from "../runtime.ts"

export interface Readiness {
  readonly ready: boolean
  readonly checks: readonly { name: string; ok: boolean; why: string }[]
}

/** A worker that has not said so for this long is not there. */
const heartbeatMaxSeconds = 8
const deadlineMs = 1_500

async function check(
  name: string,
  run: () => Promise<string | null>,
): Promise<{ name: string; ok: boolean; why: string }> {
  const late = new Promise<string>((resolve) =>
    setTimeout(resolve, deadlineMs, `no answer within ${deadlineMs / 1000} s`).unref(),
  )
  try {
    const why = await Promise.race([run(), late])
    return { name, ok: why === null, why: why ?? "ok" }
  } catch {
    return { name, ok: false, why: "cannot be reached" }
  }
}

/** An event that may be lost is not taken (P1), so a console that cannot take events is not ready. */
async function durability(): Promise<string | null> {
  try {
    await requireDurability()
    return null
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}

async function worker(): Promise<string | null> {
  const rows = await db().$queryRaw<
    { age: number | null }[]
  >`select extract(epoch from now() - updated_at)::float8 as age from setting where key = 'worker.heartbeat'`
  const age = z
    .number()
    .nullable()
    .parse(rows[0]?.age ?? null)
  if (age === null) return "has not started yet"
  return age > heartbeatMaxSeconds ? `was last seen ${Math.round(age)} s ago` : null
}

async function localIdp(): Promise<string | null> {
  const provider = await db().provider.findFirst({ where: { kind: "local" }, select: { issuer: true } })
  if (!provider) return "is not registered yet"
  const answer = await outgoing()(`${provider.issuer.replace(/\/$/, "")}/healthz`, { timeoutMs: deadlineMs })
  return answer.status === 200 ? null : `answered ${answer.status}`
}

/** Can everything serve? Web answers, so it lives; each other part says why it cannot. */
export async function readiness(): Promise<Readiness> {
  const { env } = runtime()
  const checks = await Promise.all([
    check("database", async () => ((await db().$queryRaw`select 1`) ? null : "no answer")),
    check("durability", durability),
    check("worker", worker),
    ...(env.localIdp ? [check("local identity provider", localIdp)] : []),
  ])
  return { ready: checks.every((c) => c.ok), checks }
}
