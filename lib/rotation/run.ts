import "server-only"
import { systemActor } from "../auth/system.ts"
import { crashpoint } from "../base/crashpoint.ts"
import { Refused } from "../base/errors.ts"
import { log } from "../base/log.ts"
import { redact, redactError } from "../base/redact.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { withTx, type Tx } from "../db/tx.ts"
import { OAuthError } from "../oauth/errors.ts"
import { LeaseLost, requireLease, stillHeld, withLease, type Lease } from "../queue/lease.ts"
import { markRetired } from "../secrets/retire.ts"
import { gateJson } from "./columns.ts"
import { gateOf } from "./evidence.ts"
import { effectOf, type Effect } from "./machine.ts"
import { moveOn, ownEffects } from "./own-tables.ts"
import { perform, type Outcome } from "./perform.ts"
import {
  databaseNow,
  findRotation,
  journal,
  lockRotation,
  mayBeTaken,
  situationOf,
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
  try {
    await withLease(id, (lease) => asFarAsItGoes(id, lease, world), world.pace)
  } catch (error) {
    // Whoever took over goes on.
    if (!(error instanceof LeaseLost)) throw error
  }
}

async function asFarAsItGoes(id: string, lease: Lease, world: RotationWorld): Promise<void> {
  await crashpoint("rotation.taken")
  for (let step = 0; step < stepsMax; step++) {
    await stillHeld(lease)
    const row = await findRotation(id)
    if (!row || !(await oneStep(row, lease, world))) return
  }
}

/** True: something changed, look again. */
async function oneStep(row: RotationRow, lease: Lease, world: RotationWorld): Promise<boolean> {
  const now = await databaseNow()
  if (row.nextAttemptAt !== null && row.nextAttemptAt > now) return false
  const effect = effectOf(situationOf(row))
  try {
    if (effect === null) return await retireWhenDue(row, now, lease, world)
    if (ownEffects.includes(effect)) {
      const gate = effect === "pack" && row.strategy === "overlap" ? await gateOf(row, world.log) : null
      await crashpoint(`rotation.before_${effect}`)
      await guarded(row, lease, async (tx, fresh, at) => {
        await moveOn(tx, effect, fresh, at, actor, gate)
      })
      await crashpoint(`rotation.after_${effect}`)
      return true
    }
    return await callProvider(row, effect, lease, world)
  } catch (error) {
    // A provider that refuses the connection looks like a database that does: what came from its side is its trouble alone.
    const theirs = error instanceof ConnectorError || error instanceof OAuthError
    if ((!theirs && isDatabaseTrouble(error)) || error instanceof LeaseLost) throw error
    // A person's request came between: look again and act on it.
    if (error instanceof Refused && error.code === "rotation_moved") return true
    return await failed(row, effect, error, lease)
  }
}

/** Intent, call, result. The call's own effects are kept by lib/secrets under the same lease; the transition is fenced by lease and version. */
async function callProvider(row: RotationRow, effect: Effect, lease: Lease, world: RotationWorld): Promise<boolean> {
  // Of a switch each attempt counts (`mayBeTaken`); of the others the first tells that there were some.
  if (effect === "switch" || (row.attempts === 0 && effect !== "issue"))
    await guarded(row, lease, (tx) => journal(tx, row.id, effect, "intent"))
  await crashpoint(`rotation.intent_${effect}`)
  const outcome: Outcome = await perform(effect, row, actor, world, lease)
  if ("wait" in outcome) return later(row, effect, { code: "waiting", message: outcome.wait }, lease, false)
  await guarded(row, lease, async (tx, fresh, at) => {
    await journal(tx, row.id, effect, "result", outcome.detail ?? null)
    // In place the provider ended the old secrets when it took the new one: from here on nothing says otherwise.
    if (outcome.event.is === "switched") await markRetired(tx, fresh.oldSecretIds, actor)
    await transition(tx, fresh, at, outcome.event, { actor, action: "rotation.advance" })
  })
  await crashpoint(`rotation.saved_${effect}`)
  return true
}

/** Writes while this process holds the rotation and nobody moved it; where a person did, nothing is written and the next look sees it. Throws LeaseLost. */
async function guarded(
  row: RotationRow,
  lease: Lease,
  run: (tx: Tx, fresh: RotationRow, now: Date) => Promise<void>,
): Promise<void> {
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    const { row: fresh, now } = await lockRotation(tx, row.id)
    if (fresh.version === row.version) await run(tx, fresh, now)
  })
}

/** After grace, with the gate open, the old secret goes by itself. */
async function retireWhenDue(row: RotationRow, now: Date, lease: Lease, world: RotationWorld): Promise<boolean> {
  if (row.state !== "grace" || row.graceUntil === null || row.graceUntil > now) return false
  const gate = await gateOf(row, world.log)
  const seen = { gate: gateJson(gate) }
  await guarded(row, lease, async (tx, fresh, at) => {
    if (gate.open) {
      const asked = { is: "retire_asked", gateOpen: true, override: false } as const
      await transition(tx, fresh, at, asked, { actor, action: "rotation.retire" }, seen)
    } else await tx.rotation.updateMany({ where: { id: row.id, version: fresh.version }, data: seen })
  })
  return gate.open
}

const firstWaitMs = 1_000
const waitMaxMs = 60_000
/** About ten minutes of trying; then a person is asked. */
const attemptsMax = 14

/** What cannot get better by waiting. */
const hopeless = new Set(["unsupported", "forbidden", "invalid", "feature_missing", "conflict"])

async function failed(row: RotationRow, effect: Effect | null, error: unknown, lease: Lease): Promise<boolean> {
  const known = error instanceof ConnectorError || error instanceof OAuthError || error instanceof Refused
  if (!known) log.error({ rotation_id: row.id, error: redactError(error) }, "a rotation step failed unexpectedly")
  const trouble = known
    ? { code: error.code, message: redact(error.message) }
    : { code: "unknown", message: "It failed for a reason of our own. The log has it." }
  const theirs = error instanceof ConnectorError ? error : null
  const detail = theirs?.nothingDone ? { ...trouble, nothing_done: true } : trouble
  return later(row, effect ?? "gate", detail, lease, theirs !== null && hopeless.has(theirs.code))
}

/** Keeps the intent and tries again later, with growing waits; in the end the rotation is stuck and asks for a person. */
async function later(
  row: RotationRow,
  effect: string,
  trouble: { code: string; message: string; nothing_done?: boolean },
  lease: Lease,
  isHopeless: boolean,
): Promise<boolean> {
  const attempts = row.attempts + 1
  const wait = Math.min(firstWaitMs * 2 ** (attempts - 1), waitMaxMs)
  await guarded(row, lease, async (tx, fresh, now) => {
    await journal(tx, row.id, effect, "failure", { ...trouble, attempt: attempts })
    if (isHopeless || attempts >= attemptsMax) {
      const isRefused = isHopeless && effect === "switch" && !(await mayBeTaken(tx, row.id, effect))
      await transition(
        tx,
        fresh,
        now,
        { is: isRefused ? "switch_refused" : "failed" },
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

/**
 * The job `rotation`: rotations in flight that can move now, at most `max` in a turn. Each look is written down, so who was
 * not looked at for longest comes first. Idempotent; safe beside other workers.
 */
export async function advanceRotations(world: RotationWorld = realWorld(), max = 500): Promise<void> {
  const rows = await db().$queryRaw<{ id: string }[]>`
    select id from rotation
    where state not in ('done', 'aborted', 'stuck')
      and not exists (select 1 from lease where subject_id = rotation.id and until > clock_timestamp())
      and (next_attempt_at is null or next_attempt_at <= clock_timestamp())
      and (state <> 'verified' or emergency or abort_requested_at is not null or strategy <> 'overlap')
      and (strategy <> 'in_place' or state not in ('intent', 'published') or confirmed_at is not null or abort_requested_at is not null)
      and (state <> 'grace' or retire_requested_at is not null or grace_until <= clock_timestamp())
    order by updated_at limit ${max}`
  for (const { id } of rows) {
    await advance(id, world).catch((error: unknown) => {
      if (isDatabaseTrouble(error)) throw error
      log.error({ rotation_id: id, error: redactError(error) }, "a rotation could not be advanced")
    })
  }
}
