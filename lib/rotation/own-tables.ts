import "server-only"
import type { Prisma, Tx } from "../db/tx.ts"
import { prepareSecret } from "../secrets/issue.ts"
import { record, type TrailActor } from "../trail/record.ts"
import { gateJson } from "./columns.ts"
import type { Gate } from "./gate.ts"
import type { Effect } from "./machine.ts"
import { journal, transition, type Cause, type RotationRow } from "./store.ts"

/** The effects that touch our own tables only: each is one transaction with its transition. */
export const ownEffects: readonly Effect[] = ["seal", "deliver_none", "cut_over", "begin_grace", "pack"]

/** Carries out one of `ownEffects` and moves the rotation on. `gate` is what the pack keeps of the evidence. */
export async function moveOn(
  tx: Tx,
  effect: Effect,
  row: RotationRow,
  now: Date,
  actor: TrailActor,
  gate: Gate | null,
): Promise<RotationRow> {
  const cause: Cause = { actor, action: "rotation.advance" }
  switch (effect) {
    case "seal": {
      // Intent before the call: the value is ours, sealed, and the one that every later attempt uses.
      const secret = await prepareSecret(tx, actor, { client: row.client, providerId: row.providerId })
      await journal(tx, row.id, "issue", "intent", { secret_id: secret.id, fingerprint: secret.fingerprint })
      const moved = await transition(tx, row, now, { is: "sealed" }, cause, { newSecretId: secret.id })
      await record(tx, secret.change)
      return moved
    }
    case "deliver_none":
      await journal(tx, row.id, "deliver", "result", { by: "emergency" })
      return transition(tx, row, now, { is: "delivered" }, cause)
    case "cut_over":
      await tx.clientSecret.updateMany({
        where: { id: { in: row.oldSecretIds }, state: { in: ["pending", "live"] } },
        data: { state: "retiring", version: { increment: 1 } },
      })
      return transition(tx, row, now, { is: "cut_over" }, cause)
    case "begin_grace":
      return transition(tx, row, now, { is: "grace_began" }, cause, {
        graceStartedAt: now,
        graceUntil: new Date(now.getTime() + row.graceSeconds * 1000),
      })
    case "pack": {
      await journal(tx, row.id, "pack", "result", await packOf(tx, row, gate))
      return transition(tx, row, now, { is: "packed" }, cause)
    }
    default:
      throw new Error(`${effect} calls a provider`)
  }
}

/** Delivery by hand: the new secret is with its service. Published, primary, in grace: three transitions in one transaction. */
export async function deliver(
  tx: Tx,
  row: RotationRow,
  now: Date,
  cause: Cause,
  how: "reveal" | "confirm",
): Promise<RotationRow> {
  await journal(tx, row.id, "deliver", "result", { by: how, actor: cause.actor.name })
  const published = await transition(tx, row, now, { is: "delivered" }, cause)
  if (row.strategy === "in_place") return published
  const primary = await moveOn(tx, "cut_over", published, now, cause.actor, null)
  return moveOn(tx, "begin_grace", primary, now, cause.actor, null)
}

/** What stands for an auditor: secrets by fingerprint, the evidence and who decided. Built from the journal and rows, so any process can. */
async function packOf(tx: Tx, row: RotationRow, gate: Gate | null): Promise<Prisma.InputJsonObject> {
  const secrets = await tx.clientSecret.findMany({
    where: { id: { in: [...row.oldSecretIds, ...(row.newSecretId ? [row.newSecretId] : [])] } },
    orderBy: { createdAt: "asc" },
  })
  return {
    client: row.client.name,
    provider: row.provider.name,
    strategy: row.strategy,
    evidence_grade: row.evidenceGrade,
    emergency: row.emergency,
    override: row.override as Prisma.InputJsonValue,
    grace_started_at: row.graceStartedAt?.toISOString() ?? null,
    gate: gate && gateJson(gate),
    secrets: secrets.map((s) => ({
      id: s.id,
      role: s.id === row.newSecretId ? "new" : "old",
      fingerprint: s.fingerprint,
      state: s.state,
      verified_at: s.verifiedAt?.toISOString() ?? null,
      revealed_at: s.revealedAt?.toISOString() ?? null,
      retired_at: s.retiredAt?.toISOString() ?? null,
    })),
  }
}
