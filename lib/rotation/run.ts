import "server-only"
import { systemActor } from "../auth/system.ts"
import { crashpoint } from "../base/crashpoint.ts"
import { Refused } from "../base/errors.ts"
import { log } from "../base/log.ts"
import { redact, redactError } from "../base/redact.ts"
import { ConnectorError } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { Prisma, withTx } from "../db/tx.ts"
import { OAuthError } from "../oauth/errors.ts"
import { gateOf } from "./evidence.ts"
import { effectOf, type Effect } from "./machine.ts"
import { moveOn, ownEffects } from "./own-tables.ts"
import { perform, type Outcome } from "./perform.ts"
import {
  databaseNow,
  findRotation,
  journal,
  keepRotation,
  leaveRotation,
  lockRotation,
  situationOf,
  takeRotation,
  transition,
  type RotationRow,
} from "./store.ts"
import { realWorld, type RotationWorld } from "./world.ts"

const actor = systemActor("rotation")
const stepsMax = 30

/**
 * Takes a rotation as far as it goes by itself: to where it waits for delivery, for evidence or for a person. Safe beside
 * other processes (a lease, fenced), and after a kill anywhere (the situation tells the next effect).
 */
export async function advance(id: string, world: RotationWorld = realWorld()): Promise<void> {
  const holder = await takeRotation(id)
  if (holder === null) return
  await crashpoint("rotation.taken")
  try {
    for (let step = 0; step < stepsMax; step++) {
      if (!(await keepRotation(id, holder))) return
      const row = await findRotation(id)
      if (!row || !(await oneStep(row, holder, world))) return
    }
  } finally {
    await leaveRotation(id, holder)
  }
}

/** True: something changed, look again. */
async function oneStep(row: RotationRow, holder: string, world: RotationWorld): Promise<boolean> {
  const now = await databaseNow()
  if (row.nextAttemptAt !== null && row.nextAttemptAt > now) return false
  const effect = effectOf(situationOf(row))
  try {
    if (effect === null) return await retireWhenDue(row, now, holder, world)
    if (ownEffects.includes(effect)) {
      const gate = effect === "pack" && row.strategy === "overlap" ? await gateOf(row, world.log) : null
      await crashpoint(`rotation.before_${effect}`)
      const moved = await guarded(row, holder, async (tx, fresh, at) => {
        await moveOn(tx, effect, fresh, at, actor, gate)
      })
      await crashpoint(`rotation.after_${effect}`)
      return moved
    }
    return await callProvider(row, effect, holder, world)
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error
    // A person's request came between: look again and act on it.
    if (error instanceof Refused && error.code === "rotation_moved") return true
    return await failed(row, effect, error, holder)
  }
}

/** Intent, call, result. The call's own effects are kept by lib/secrets; the transition is fenced by lease and version. */
async function callProvider(row: RotationRow, effect: Effect, holder: string, world: RotationWorld): Promise<boolean> {
  if (row.attempts === 0 && effect !== "issue") {
    const mine = await guarded(row, holder, (tx) => journal(tx, row.id, effect, "intent"))
    if (!mine) return false
  }
  await crashpoint(`rotation.intent_${effect}`)
  const outcome: Outcome = await perform(effect, row, actor, world)
  if ("wait" in outcome) return later(row, effect, { code: "waiting", message: outcome.wait }, holder, false)
  const done = await guarded(row, holder, async (tx, fresh, at) => {
    await journal(tx, row.id, effect, "result", outcome.detail ?? null)
    await transition(tx, fresh, at, outcome.event, { actor, action: "rotation.advance" })
  })
  await crashpoint(`rotation.saved_${effect}`)
  return done
}

/** Runs where this process still has the rotation and nobody moved it. False: somebody did; look again. */
async function guarded(
  row: RotationRow,
  holder: string,
  run: (tx: Parameters<Parameters<typeof withTx>[0]>[0], fresh: RotationRow, now: Date) => Promise<void>,
): Promise<boolean> {
  return withTx(async (tx) => {
    const { row: fresh, now } = await lockRotation(tx, row.id)
    if (fresh.leaseHolder !== holder || fresh.leaseUntil === null || fresh.leaseUntil <= now) return false
    if (fresh.version === row.version) await run(tx, fresh, now)
    return true
  })
}

/** After grace, with the gate open, the old secret goes by itself. */
async function retireWhenDue(row: RotationRow, now: Date, holder: string, world: RotationWorld): Promise<boolean> {
  if (row.state !== "grace" || row.graceUntil === null || row.graceUntil > now || !(await autoRetire())) return false
  const gate = await gateOf(row, world.log)
  await db().rotation.updateMany({
    where: { id: row.id, version: row.version },
    data: { gate: gate as unknown as Prisma.InputJsonValue },
  })
  if (!gate.open) return false
  return guarded(row, holder, async (tx, fresh, at) => {
    await transition(
      tx,
      fresh,
      at,
      { is: "retire_asked", gateOpen: true, override: false },
      { actor, action: "rotation.retire" },
      { gate: gate as unknown as Prisma.InputJsonValue },
    )
  })
}

/** The setting `rotation.auto_retire`; on unless switched off. */
async function autoRetire(): Promise<boolean> {
  return (await db().setting.findUnique({ where: { key: "rotation.auto_retire" } }))?.value !== false
}

const firstWaitMs = 1_000
const waitMaxMs = 60_000
/** About ten minutes of trying; then a person is asked. */
const attemptsMax = 14

/** What cannot get better by waiting. */
const hopeless = new Set(["unsupported", "forbidden", "invalid", "feature_missing", "conflict"])

async function failed(row: RotationRow, effect: Effect | null, error: unknown, holder: string): Promise<boolean> {
  const known = error instanceof ConnectorError || error instanceof OAuthError || error instanceof Refused
  if (!known) log.error({ rotation_id: row.id, error: redactError(error) }, "a rotation step failed unexpectedly")
  const trouble = known
    ? { code: error.code, message: redact(error.message) }
    : { code: "unknown", message: "It failed for a reason of our own. The log has it." }
  return later(row, effect ?? "gate", trouble, holder, error instanceof ConnectorError && hopeless.has(error.code))
}

/** Keeps the intent and tries again later, with growing waits; in the end the rotation is stuck and asks for a person. */
async function later(
  row: RotationRow,
  effect: string,
  trouble: { code: string; message: string },
  holder: string,
  isHopeless: boolean,
): Promise<boolean> {
  const attempts = row.attempts + 1
  const wait = Math.min(firstWaitMs * 2 ** (attempts - 1), waitMaxMs)
  await guarded(row, holder, async (tx, fresh, now) => {
    await journal(tx, row.id, effect, "failure", { ...trouble, attempt: attempts })
    if (isHopeless || attempts >= attemptsMax) {
      await transition(
        tx,
        fresh,
        now,
        { is: "failed" },
        { actor, action: "rotation.advance", reason: trouble.message },
        { stuckWhy: trouble.message },
      )
      return
    }
    const nextAt = new Date(now.getTime() + wait)
    await tx.rotation.updateMany({
      where: { id: row.id, version: fresh.version },
      data: { attempts, nextAttemptAt: nextAt, trouble: { ...trouble, attempts, next_at: nextAt.toISOString() } },
    })
  })
  return false
}

/** The job `rotation`: every rotation in flight that can move now. Idempotent; safe beside other workers. */
export async function advanceRotations(world: RotationWorld = realWorld()): Promise<void> {
  const rows = await db().$queryRaw<{ id: string }[]>`
    select id from rotation
    where state not in ('done', 'aborted', 'stuck')
      and (lease_until is null or lease_until <= clock_timestamp())
      and (next_attempt_at is null or next_attempt_at <= clock_timestamp())
      and (state <> 'verified' or emergency or abort_requested_at is not null or strategy <> 'overlap')
      and (state <> 'grace' or retire_requested_at is not null or grace_until <= clock_timestamp())
    order by created_at limit 500`
  for (const { id } of rows) {
    await advance(id, world).catch((error: unknown) => {
      if (isDatabaseTrouble(error)) throw error
      log.error({ rotation_id: id, error: redactError(error) }, "a rotation could not be advanced")
    })
  }
}
