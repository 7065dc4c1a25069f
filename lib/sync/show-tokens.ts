import "server-only"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { spread } from "../base/spread.ts"
import { dayMs } from "../base/time.ts"
import { splitGrantKey } from "../connectors/objects.ts"
import { db } from "../db/client.ts"
import type { Tx } from "../db/tx.ts"
import { withLease } from "../queue/lease.ts"
import { planOutcome } from "./columns.ts"
import { outcomes } from "./outcome.ts"
import type { OutcomeWire } from "./schema.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/** All tokens of one plan are begun within this. */
const limitMs = 20_000
/** However many plans have ended since a worker last looked. */
const plansAtOnce = 10
/** A token fetched later than this says nothing about the apply any more. */
const worthMs = dayMs

/** Of a plan that is finishing: the clients that it has brought, changed or granted something, by the journal. */
export async function waiting(tx: Tx, planId: string): Promise<OutcomeWire[]> {
  const rows = await tx.planChange.findMany({
    where: { planId, status: "done", kind: { in: ["client", "grant"] }, verb: { in: ["create", "update"] } },
    select: { providerId: true, kind: true, key: true },
    orderBy: { ordinal: "asc" },
  })
  return [...Map.groupBy(rows, ({ providerId }) => providerId)].flatMap(([provider_id, changes]) =>
    [...new Set(changes.map(({ kind, key }) => (kind === "grant" ? splitGrantKey(key).client : key)))].map(
      (client): OutcomeWire => ({ provider_id, client, is: "waiting", why: "Its token is being fetched." }),
    ),
  )
}

/**
 * The job `plan.tokens`: fetches the tokens of finished plans. A plan is over before this, so nothing waits for it: no
 * status, no other plan on the same provider. One process at a time looks at a plan, under a lease of the plan's own; after
 * a kill the next sweep does.
 */
export async function showTokens(world: SyncWorld = realWorld()): Promise<void> {
  const open = await db().plan.findMany({
    where: { finishedAt: { gt: new Date(Date.now() - worthMs) }, ...stillWaiting },
    select: { id: true },
  })
  await spread(open, plansAtOnce, ({ id }) =>
    withLease(id, () => showPlan(id, world)).catch((error: unknown) =>
      log.error({ plan_id: id, error: redactError(error) }, "the tokens of a plan were not fetched"),
    ),
  )
}

const stillWaiting = { outcome: { array_contains: [{ is: "waiting" }] } }

/** Where no worker came in time: the plan says so, instead of waiting for ever. */
export async function giveUpTokens(now = new Date()): Promise<void> {
  const old = await db().plan.findMany({
    where: { finishedAt: { lte: new Date(now.getTime() - worthMs) }, ...stillWaiting },
    select: { id: true, version: true, outcome: true },
  })
  const why = "No worker fetched it within a day of the apply."
  for (const { id, version, outcome } of old) {
    const given = planOutcome(outcome).map((one) =>
      one.is === "waiting" ? { ...one, is: "not_tried", why } : { ...one },
    )
    await db().plan.updateMany({ where: { id, version }, data: { outcome: given, version: { increment: 1 } } })
  }
}

async function showPlan(id: string, world: SyncWorld): Promise<void> {
  const row = await db().plan.findUniqueOrThrow({ where: { id }, select: { outcome: true, finishedAt: true } })
  const before = planOutcome(row.outcome)
  if (row.finishedAt === null || before.every(({ is }) => is !== "waiting")) return
  const { finishedAt } = row
  const untilMs = Date.now() + limitMs
  const after = await Promise.all(
    [...Map.groupBy(before, ({ provider_id }) => provider_id)].map(async ([providerId, list]) => {
      const clients = list.map(({ client }) => client)
      const none = (why: string) => list.map((one): OutcomeWire => ({ ...one, is: "not_tried", why }))
      const moved = () => movedOn(id, providerId, finishedAt)
      if (await moved()) return none(overtaken)
      const found = await outcomes(clients, providerId, world, untilMs).catch((error: unknown) => {
        log.error({ plan_id: id, provider_id: providerId, error: redactError(error) }, "no tokens after an apply")
        return none("The provider could not be asked for a token. The log has the reason.")
      })
      return (await moved()) ? none(overtaken) : found
    }),
  )
  // A plan that was resumed meanwhile has its tokens fetched at its next end.
  await db().plan.updateMany({
    where: { id, finishedAt },
    data: { outcome: after.flat().map((one) => ({ ...one })), version: { increment: 1 } },
  })
}

const overtaken = "Another plan has changed this provider since, so its tokens say nothing about this one."

/** Another plan writes there now, or has sent a change there and ended after this one. */
async function movedOn(planId: string, providerId: string, finishedAt: Date): Promise<boolean> {
  const others = await db().plan.count({
    where: {
      id: { not: planId },
      providerIds: { has: providerId },
      OR: [
        { status: "applying", changes: { some: { providerId } } },
        { finishedAt: { gt: finishedAt }, changes: { some: { providerId, intentAt: { not: null } } } },
      ],
    },
  })
  return others > 0
}
