import "server-only"
import { conflict, notFound } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { isObject } from "../base/json.ts"
import { db } from "../db/client.ts"
import { Prisma, type Tx } from "../db/tx.ts"
import type { TrailAction } from "../trail/actions.ts"
import { record, type TrailActor } from "../trail/record.ts"
import { isFinal, next, type Effect, type Event, type Situation, type State, type Strategy } from "./machine.ts"

const include = {
  client: { select: { id: true, name: true } },
  provider: { select: { id: true, name: true } },
} as const satisfies Prisma.RotationInclude
export const rotationInclude = include
export type RotationRow = Prisma.RotationGetPayload<{ include: typeof include }>

export const situationOf = (row: RotationRow): Situation => ({
  state: row.state as State,
  strategy: row.strategy as Strategy,
  stuckFrom: row.stuckFrom as State | null,
  abortRequested: row.abortRequestedAt !== null,
  confirmed: row.confirmedAt !== null,
  retireRequested: row.retireRequestedAt !== null,
  override: row.override !== null,
  emergency: row.emergency,
})

export const rotationTarget = (row: RotationRow) => ({
  kind: "rotation",
  id: row.id,
  name: `${row.client.name} on ${row.provider.name}`,
})

/** By the database's clock, which is every process's (reliability.md F15). */
export async function databaseNow(): Promise<Date> {
  const rows = await db().$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`
  return rows[0]?.now ?? new Date()
}

export async function findRotation(id: string): Promise<RotationRow | null> {
  return db().rotation.findUnique({ where: { id }, include })
}

/** The rotation as it stands, locked until the commit, and the database's time. */
export async function lockRotation(tx: Tx, id: string): Promise<{ row: RotationRow; now: Date }> {
  const locked = await tx.$queryRaw<
    { now: Date }[]
  >`select clock_timestamp() as now from rotation where id = ${id}::uuid for update`
  const now = locked[0]?.now
  if (!now) throw notFound("rotation", id)
  return { row: await tx.rotation.findUniqueOrThrow({ where: { id }, include }), now }
}

/** Who asks for a transition, and as what it stands in the trail. */
export interface Cause {
  readonly actor: TrailActor
  readonly action: TrailAction
  readonly reason?: string
}

/** A transition that the machine allows: the row's new state with the old one in WHERE, and exactly one trail entry. */
export async function transition(
  tx: Tx,
  row: RotationRow,
  now: Date,
  event: Event,
  cause: Cause,
  more: Prisma.RotationUpdateManyMutationInput = {},
): Promise<RotationRow> {
  const before = situationOf(row)
  const step = next(before, event)
  if ("refused" in step) throw conflict(step.refused, step.why, { state: row.state })
  const { count } = await tx.rotation.updateMany({
    where: { id: row.id, state: row.state, version: row.version },
    data: {
      state: step.state,
      version: row.version + 1,
      attempts: 0,
      nextAttemptAt: null,
      trouble: Prisma.DbNull,
      ...(step.set.stuckFrom === undefined ? {} : { stuckFrom: step.set.stuckFrom }),
      ...(step.set.stuckFrom === null ? { stuckWhy: null } : {}),
      ...(step.set.abortRequested ? { abortRequestedAt: now } : {}),
      ...(step.set.confirmed === undefined ? {} : { confirmedAt: step.set.confirmed ? now : null }),
      ...(step.set.retireRequested ? { retireRequestedAt: now } : {}),
      ...(step.set.retireRequested === false ? { retireRequestedAt: null } : {}),
      ...(step.set.emergency ? { emergency: true } : {}),
      ...(isFinal(step.state) ? { finishedAt: now } : {}),
      ...more,
    },
  })
  if (count !== 1)
    throw conflict("rotation_moved", "This rotation moved on meanwhile. Look again.", { state: row.state })
  await record(tx, {
    actor: cause.actor,
    action: cause.action,
    target: rotationTarget(row),
    before: { state: row.state },
    after: { state: step.state, by: event.is },
    ...(cause.reason === undefined ? {} : { reason: cause.reason }),
  })
  return tx.rotation.findUniqueOrThrow({ where: { id: row.id }, include })
}

/** One line of the journal. `detail` never holds a secret. */
export async function journal(
  tx: Tx,
  rotationId: string,
  step: string,
  phase: "intent" | "result" | "failure",
  detail: Prisma.InputJsonObject | null = null,
): Promise<void> {
  await tx.rotationStep.create({ data: { id: newId(), rotationId, step, phase, detail: detail ?? Prisma.DbNull } })
}

/**
 * May the provider have taken what an effect sends? Each attempt leaves its intent; only one that ended with the word that
 * nothing was done cannot have been taken. One that was killed has left no end at all.
 */
export async function mayBeTaken(tx: Tx, rotationId: string, effect: Effect): Promise<boolean> {
  const lines = await tx.rotationStep.findMany({
    where: { rotationId, step: effect },
    select: { phase: true, detail: true },
  })
  const sent = lines.filter(({ phase }) => phase === "intent").length
  const refused = lines.filter(
    ({ phase, detail }) => phase === "failure" && isObject(detail) && detail.nothing_done === true,
  ).length
  return sent > refused
}
