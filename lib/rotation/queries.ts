import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize, may } from "../auth/permissions.ts"
import { invalid, notFound } from "../base/errors.ts"
import { isId } from "../base/id.ts"
import type { Json } from "../base/json.ts"
import { db } from "../db/client.ts"
import type { Prisma } from "../db/tx.ts"
import { gateOf } from "./evidence.ts"
import { isRevealable, preStaged } from "../secrets/queries.ts"
import { rotationGate } from "./columns.ts"
import { clientsWithoutSecret, dueWhere } from "./due.ts"
import type { Grade } from "./gate.ts"
import { isFinal, next, type State, type Strategy } from "./machine.ts"
import type { RotationDetail, RotationSecret, RotationView, Waiting } from "./schema.ts"
import { databaseNow, findRotation, rotationInclude, situationOf, type RotationRow } from "./store.ts"
import { realWorld, type RotationWorld } from "./world.ts"

/** `without`: what `clientsWithoutSecret` answers of it. */
function rotationView(row: RotationRow, now: Date, without: ReadonlySet<string>): RotationView {
  return {
    id: row.id,
    client_id: row.clientId,
    client: row.client.name,
    provider_id: row.providerId,
    provider: row.provider.name,
    state: row.state as State,
    strategy: row.strategy as Strategy,
    evidence_grade: row.evidenceGrade as Grade,
    emergency: row.emergency,
    old_secret_ids: row.oldSecretIds,
    new_secret_id: row.newSecretId,
    grace_seconds: row.graceSeconds,
    grace_started_at: row.graceStartedAt?.toISOString() ?? null,
    grace_until: row.graceUntil?.toISOString() ?? null,
    overdue: row.state === "grace" && row.graceUntil !== null && row.graceUntil <= now,
    waits_for: waitsFor(row, now),
    client_without_secret: without.has(row.id),
    aborting: row.abortRequestedAt !== null && !isFinal(row.state as State),
    override: row.override as Json,
    stuck_why: row.state === "aborted" ? null : row.stuckWhy,
    ended_why: row.state === "aborted" ? row.stuckWhy : null,
    trouble: row.trouble as Json,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
    version: row.version,
  }
}

function waitsFor(row: RotationRow, now: Date): Waiting | null {
  if (row.state === "stuck") return "person"
  if (row.nextAttemptAt !== null) return "retry"
  if (row.abortRequestedAt !== null) return null
  if (row.strategy === "in_place")
    return row.state === "intent"
      ? "delivery"
      : row.state === "published" && row.confirmedAt === null
        ? "confirmation"
        : null
  if (row.state === "verified" && !row.emergency) return "delivery"
  if (row.state !== "grace" || row.retireRequestedAt !== null) return null
  return row.graceUntil !== null && row.graceUntil > now ? "grace" : "evidence"
}

const overlapActions = [
  ["abort", { is: "abort_asked" }],
  ["emergency-revoke", { is: "emergency" }],
  ["resume", { is: "resumed" }],
  ["retire", { is: "retire_asked", gateOpen: true, override: false }],
] as const

/** What the page may offer, as the machine sees it. */
function actionsOf(row: RotationRow): RotationDetail["actions"] {
  const situation = situationOf(row)
  const allowed: RotationDetail["actions"][number][] = overlapActions
    .filter(([, event]) => !("refused" in next(situation, event)))
    .map(([name]) => name)
  if (row.abortRequestedAt === null && ["delivery", "confirmation"].includes(waitsFor(row, new Date(0)) ?? ""))
    allowed.push("confirm")
  if (row.state === "grace" && row.retireRequestedAt === null) allowed.push("extend")
  return allowed
}

/** One rotation with its gate as the log stands now, its secrets and its journal. */
export async function getRotation(
  actor: Actor,
  id: string,
  world: RotationWorld = realWorld(),
): Promise<RotationDetail> {
  authorizeSight(actor)
  const row = await findRotation(id)
  if (!row) throw notFound("rotation", id)
  return detailOf(actor, row, world)
}

/** Whoever may move a rotation may see it: else the answer to a change that was made would be a refusal. */
function authorizeSight(actor: Actor): void {
  if (!may(actor, "rotations:write")) authorize(actor, "rotations:read")
}

/** The same of a row that a command has just answered. */
export async function detailOf(
  actor: Actor,
  row: RotationRow,
  world: RotationWorld = realWorld(),
): Promise<RotationDetail> {
  authorizeSight(actor)
  const ids = [...row.oldSecretIds, ...(row.newSecretId ? [row.newSecretId] : [])]
  const [now, without, gate, secrets, staged, steps] = await Promise.all([
    databaseNow(),
    clientsWithoutSecret([row.id]),
    // What was decided stays as it was seen then.
    (isFinal(row.state as State) ? rotationGate(row.gate) : null) ?? gateOf(row, world.log),
    db().clientSecret.findMany({ where: { id: { in: ids } }, orderBy: { createdAt: "asc" } }),
    preStaged(ids, world.open),
    db().rotationStep.findMany({ where: { rotationId: row.id }, orderBy: [{ at: "asc" }, { id: "asc" }], take: 500 }),
  ])
  return {
    ...rotationView(row, now, without),
    gate,
    actions: actionsOf(row),
    secrets: secrets.map((s): RotationSecret => ({
      id: s.id,
      role: s.id === row.newSecretId ? "new" : "old",
      state: s.state,
      fingerprint: s.fingerprint,
      created_at: s.createdAt.toISOString(),
      verified_at: s.verifiedAt?.toISOString() ?? null,
      revealed_at: s.revealedAt?.toISOString() ?? null,
      revealable: isRevealable(s, staged),
      retired_at: s.retiredAt?.toISOString() ?? null,
    })),
    steps: steps.map((s) => ({ step: s.step, phase: s.phase, at: s.at.toISOString(), detail: s.detail as Json })),
  }
}

export interface RotationFilter {
  /** `in_flight`: neither done nor aborted. `due`: a person has to do something about it, though it may be done. */
  readonly state?: State | "in_flight" | "due" | undefined
  /** Id or name. */
  readonly client?: string | undefined
  readonly provider?: string | undefined
  readonly limit: number
  readonly after?: readonly (string | number | null)[] | undefined
}

const idOrName = (text: string) => (isId(text) ? { OR: [{ id: text }, { name: text }] } : { name: text })

/** Newest first, in keyset pages. */
export async function listRotations(
  actor: Actor,
  filter: RotationFilter,
): Promise<{ items: RotationView[]; next: readonly string[] | null }> {
  authorize(actor, "rotations:read")
  const now = await databaseNow()
  const where: Prisma.RotationWhereInput[] = []
  if (filter.state === "due") where.push(dueWhere(now, await clientsWithoutSecret(null)))
  else if (filter.state === "in_flight") where.push({ state: { notIn: ["done", "aborted"] } })
  else if (filter.state) where.push({ state: filter.state })
  if (filter.client) where.push({ client: idOrName(filter.client) })
  if (filter.provider) where.push({ provider: idOrName(filter.provider) })
  if (filter.after) {
    const [at, id] = filter.after
    const createdAt = new Date(typeof at === "string" ? at : NaN)
    if (Number.isNaN(createdAt.getTime()) || typeof id !== "string" || !isId(id))
      throw invalid("cursor", "bad_cursor", "This cursor belongs to another list.")
    where.push({ OR: [{ createdAt: { lt: createdAt } }, { createdAt, id: { lt: id } }] })
  }
  const rows = await db().rotation.findMany({
    where: { AND: where },
    include: rotationInclude,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: filter.limit + 1,
  })
  const shown = rows.slice(0, filter.limit)
  const last = shown.at(-1)
  const without = await clientsWithoutSecret(shown.map(({ id }) => id))
  return {
    items: shown.map((row) => rotationView(row, now, without)),
    next: rows.length > filter.limit && last ? [last.createdAt.toISOString(), last.id] : null,
  }
}

export interface RotationInTrouble {
  readonly id: string
  readonly state: string
  readonly stuck_why: string | null
  readonly client: string
  readonly client_without_secret: boolean
}

/** Rotations that need a person: stuck ones, those whose old secret outlives its grace, and those that left a client without a secret. */
export async function rotationsInTrouble(actor: Actor, now: Date): Promise<readonly RotationInTrouble[]> {
  authorize(actor, "rotations:read")
  const without = await clientsWithoutSecret(null)
  const rows = await db().rotation.findMany({
    where: {
      OR: [
        { state: { in: ["stuck", "secret_unknown"] } },
        { state: "grace", graceUntil: { lt: now } },
        { id: { in: [...without] } },
      ],
    },
    select: { id: true, state: true, stuckWhy: true, client: { select: { name: true } } },
    take: 20,
  })
  return rows.map(({ id, state, stuckWhy, client }) => ({
    id,
    state,
    stuck_why: stuckWhy,
    client: client.name,
    client_without_secret: without.has(id),
  }))
}
