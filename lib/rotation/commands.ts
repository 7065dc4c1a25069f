import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { requireFresh } from "../auth/step-up.ts"
import { conflict, invalid, notFound } from "../base/errors.ts"
import { requireVersion } from "../base/version.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { gateJson } from "./columns.ts"
import { gateOf } from "./evidence.ts"
import { deliver } from "./own-tables.ts"
import { advance } from "./run.ts"
import { graceSecondsMax } from "./schema.ts"
import { findRotation, journal, lockRotation, rotationTarget, transition, type RotationRow } from "./store.ts"
import { realWorld, type RotationWorld } from "./world.ts"

async function known(id: string): Promise<RotationRow> {
  const row = await findRotation(id)
  if (!row) throw notFound("rotation", id)
  return row
}

const notVerified = (state: string) =>
  conflict(
    "not_verified_yet",
    `The new secret has not fetched a token yet; the rotation is ${state}. A secret is handed to a service only after it was shown to work.`,
    { state },
  )

/** In overlap: a named person says that the service has the new secret; grace begins. In place: that it holds both; the switch follows. */
export async function confirmRotation(
  actor: Actor,
  id: string,
  world: RotationWorld = realWorld(),
): Promise<RotationRow> {
  authorize(actor, "rotations:write")
  await withTx(async (tx) => {
    const { row, now } = await lockRotation(tx, id)
    if (["grace", "old_revoked", "done"].includes(row.state)) return
    const cause = { actor, action: "rotation.confirm" } as const
    if (row.strategy === "in_place" && row.state === "published")
      await transition(tx, row, now, { is: "confirmed" }, cause)
    else if (
      ["planned", "intent", "created", "secret_unknown"].includes(row.state) &&
      row.strategy === "overlap" &&
      row.abortRequestedAt === null
    )
      throw notVerified(row.state)
    else await deliver(tx, row, now, cause, "confirm")
  })
  await advance(id, world)
  return known(id)
}

/**
 * Revealing the new secret of a rotation is delivery by hand: it commits with the reveal, and grace begins before the
 * answer. Called in the reveal's transaction. Refuses 409 `not_verified_yet`; after a switch in place never, since the
 * service has nothing else that works.
 */
export async function onRevealed(tx: Tx, actor: Actor, secret: { readonly id: string }): Promise<void> {
  const found = await tx.rotation.findFirst({
    where: { newSecretId: secret.id, state: { notIn: ["done", "aborted"] } },
    select: { id: true },
  })
  if (!found) return
  const { row, now } = await lockRotation(tx, found.id)
  const waits = row.strategy === "overlap" ? row.state === "verified" : row.state === "intent"
  if (waits && row.abortRequestedAt === null)
    await deliver(tx, row, now, { actor, action: "rotation.confirm", reason: "revealed" }, "reveal")
  else if (["planned", "intent", "created", "secret_unknown"].includes(row.stuckFrom ?? row.state))
    throw notVerified(row.state)
}

/**
 * Ends the old secret, from grace: with the gate open, or by a named person's override with a reason. Where it has ended
 * already, as by itself at the end of grace, nothing is left to do. 403 `step_up_needed`, 409 `gate_closed` with the gate.
 */
export async function retireRotation(
  actor: Actor,
  id: string,
  override: { readonly reason: string } | undefined,
  world: RotationWorld = realWorld(),
): Promise<RotationRow> {
  authorize(actor, "rotations:write")
  requireFresh(actor)
  const gate = await gateOf(await known(id), world.log)
  await withTx(async (tx) => {
    const { row, now } = await lockRotation(tx, id)
    if (row.strategy === "overlap" && ["old_revoked", "done"].includes(row.state)) return
    if (row.state === "grace" && !gate.open && !override && !row.emergency && row.override === null) {
      throw conflict("gate_closed", `${gate.why} Retiring now needs an override with a reason.`, { gate })
    }
    const kept =
      override && !gate.open ? { override: { reason: override.reason, by: actor.name, at: now.toISOString() } } : {}
    const data: Prisma.RotationUpdateManyMutationInput = { gate: gateJson(gate), ...kept }
    const event = { is: "retire_asked", gateOpen: gate.open, override: override !== undefined && !gate.open } as const
    await transition(
      tx,
      row,
      now,
      event,
      { actor, action: "rotation.retire", ...(override ? { reason: override.reason } : {}) },
      data,
    )
    if (override && !gate.open)
      await journal(tx, id, "override", "result", { reason: override.reason, by: actor.name, gate: gate.why })
  })
  await advance(id, world)
  return known(id)
}

/** Keeps both secrets for longer, by `seconds` or as long again as grace was. Only in grace. */
export async function extendRotation(actor: Actor, id: string, seconds: number | undefined): Promise<RotationRow> {
  return moveGraceEnd(
    actor,
    id,
    null,
    (row, end, now) =>
      new Date(Math.max(end.getTime(), now.getTime()) + (seconds ?? Math.max(row.graceSeconds, 60)) * 1000),
  )
}

/** Sets the end of grace. Refuses 412 `stale`, 422 for an end that is over or more than thirty days away. */
export async function saveRotation(
  actor: Actor,
  id: string,
  patch: { readonly grace_until?: string | undefined },
  ifMatch: number | null,
): Promise<RotationRow> {
  const wanted = patch.grace_until === undefined ? null : new Date(patch.grace_until)
  return moveGraceEnd(actor, id, ifMatch, (_row, end, now) => {
    if (wanted !== null && (wanted <= now || wanted.getTime() > now.getTime() + graceSecondsMax * 1000))
      throw invalid("grace_until", "out_of_range", "must be in the future, and at most thirty days away")
    return wanted ?? end
  })
}

async function moveGraceEnd(
  actor: Actor,
  id: string,
  ifMatch: number | null,
  endOf: (row: RotationRow, end: Date, now: Date) => Date,
): Promise<RotationRow> {
  authorize(actor, "rotations:write")
  await withTx(async (tx) => {
    const { row, now } = await lockRotation(tx, id)
    requireVersion(ifMatch, row.version)
    if (row.state !== "grace" || row.graceUntil === null || row.retireRequestedAt !== null)
      throw conflict("not_in_grace", `Only a rotation in grace can be extended; this one is ${row.state}.`, {
        state: row.state,
      })
    const until = endOf(row, row.graceUntil, now)
    if (until.getTime() === row.graceUntil.getTime()) return
    await tx.rotation.updateMany({
      where: { id, version: row.version },
      data: { graceUntil: until, version: row.version + 1 },
    })
    await record(tx, {
      actor,
      action: "rotation.extend",
      target: rotationTarget(row),
      before: { grace_until: row.graceUntil.toISOString() },
      after: { grace_until: until.toISOString() },
    })
  })
  return known(id)
}

/** Keeps the old secret and removes the new one, at the provider and here. 409 `too_late_to_abort` from the cut-over on. */
export async function abortRotation(
  actor: Actor,
  id: string,
  options: {
    readonly reason?: string | undefined
    readonly ifMatch?: number | null
    readonly world?: RotationWorld
  } = {},
): Promise<RotationRow> {
  authorize(actor, "rotations:write")
  const { reason, ifMatch = null, world = realWorld() } = options
  await withTx(async (tx) => {
    const { row, now } = await lockRotation(tx, id)
    requireVersion(ifMatch, row.version)
    if (row.state === "aborted" || row.abortRequestedAt !== null) return
    await transition(
      tx,
      row,
      now,
      { is: "abort_asked" },
      { actor, action: "rotation.abort", ...(reason ? { reason } : {}) },
    )
  })
  await advance(id, world)
  return known(id)
}

/** The old secret is leaked: it ends as soon as the new one is proven, without grace and without the gate. 403 `step_up_needed`. */
export async function emergencyRevoke(
  actor: Actor,
  id: string,
  reason: string | undefined,
  world: RotationWorld = realWorld(),
): Promise<RotationRow> {
  authorize(actor, "rotations:write")
  requireFresh(actor)
  await withTx(async (tx) => {
    const { row, now } = await lockRotation(tx, id)
    if (row.emergency) return
    await transition(
      tx,
      row,
      now,
      { is: "emergency" },
      { actor, action: "rotation.emergency_revoke", reason: reason ?? "emergency" },
    )
    await journal(tx, id, "emergency", "result", { by: actor.name, reason: reason ?? null })
  })
  await advance(id, world)
  return known(id)
}

/** A person has looked at a stuck rotation: it goes on where it stood. */
export async function resumeRotation(
  actor: Actor,
  id: string,
  world: RotationWorld = realWorld(),
): Promise<RotationRow> {
  authorize(actor, "rotations:write")
  await withTx(async (tx) => {
    const { row, now } = await lockRotation(tx, id)
    await transition(tx, row, now, { is: "resumed" }, { actor, action: "rotation.advance", reason: "resumed by hand" })
  })
  await advance(id, world)
  return known(id)
}
