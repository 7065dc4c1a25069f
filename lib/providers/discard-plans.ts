import "server-only"
import type { Actor } from "../auth/actor.ts"
import type { Prisma, Tx } from "../db/tx.ts"
import type { TrailChange } from "../trail/record.ts"

/**
 * Sets aside the plans that nobody has begun and that can no longer be carried out as they were shown. Answers their
 * trail; the caller records it in the same transaction.
 */
export async function discardPlans(
  tx: Tx,
  actor: Actor,
  which: Prisma.PlanWhereInput,
  reason: string,
): Promise<TrailChange[]> {
  const found = await tx.plan.findMany({
    where: { ...which, status: { in: ["planned", "approved"] } },
    select: { id: true },
  })
  const open = await tx.$queryRaw<{ id: string; status: string; purpose: string | null }[]>`
    select id::text, status, purpose from plan
    where id = any(${found.map(({ id }) => id)}::uuid[]) and status in ('planned', 'approved')
    order by id for update`
  await tx.plan.updateMany({
    where: { id: { in: open.map(({ id }) => id) } },
    data: { status: "discarded", finishedAt: new Date(), version: { increment: 1 } },
  })
  return open.map(({ id, status, purpose }) => ({
    actor,
    action: "plan.discard",
    target: { kind: "plan", id, name: purpose ?? id },
    before: { status },
    after: { status: "discarded" },
    reason,
  }))
}
