import "server-only"
import { crashpoint } from "../base/crashpoint.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isPort } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { Prisma, withTx, type Tx } from "../db/tx.ts"
import type { OpenConnector } from "../providers/open.ts"
import { requireLease, stillHeld, type Lease } from "../queue/lease.ts"
import { record, type TrailActor, type TrailChange } from "../trail/record.ts"

/**
 * Ends exactly one secret by its remote id, never "all but the newest", and records it. Whether it may end is decided by
 * the caller (lib/rotation's gate). Gone already is done; safe to repeat. Throws ConnectorError, LeaseLost.
 */
export async function retireSecret(
  secretId: string,
  actor: TrailActor,
  openProvider: OpenConnector,
  lease: Lease,
): Promise<void> {
  const row = await db().clientSecret.findUniqueOrThrow({
    where: { id: secretId },
    include: { client: { select: { id: true, name: true } } },
  })
  if (row.state === "retired") return
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    await tx.clientSecret.updateMany({
      where: { id: row.id, state: { not: "retired" } },
      data: { state: "retiring", version: { increment: 1 } },
    })
  })
  await crashpoint("secret.before_retire")
  if (row.remoteId !== null) {
    const port = (await openProvider(row.providerId)).secrets
    if (!isPort(port)) throw new ConnectorError("unsupported", "retire secret", port.cannot)
    await stillHeld(lease)
    await port.retire(row.client.name, row.remoteId)
  }
  await crashpoint("secret.after_retire")
  await withTx(async (tx) => {
    await requireLease(tx, lease)
    await markRetired(tx, [row.id], actor)
  })
}

/** It works nowhere any more: its sealed value goes with it, and the trail says so. Retired already stays as it is. */
export async function markRetired(tx: Tx, ids: readonly string[], actor: TrailActor): Promise<void> {
  const rows = await tx.clientSecret.findMany({
    where: { id: { in: [...ids] }, state: { not: "retired" } },
    include: { client: { select: { id: true, name: true } } },
  })
  const changes: TrailChange[] = []
  for (const row of rows) {
    const { count } = await tx.clientSecret.updateMany({
      where: { id: row.id, state: { not: "retired" } },
      data: { state: "retired", retiredAt: new Date(), sealed: Prisma.DbNull, version: { increment: 1 } },
    })
    if (count === 0) continue
    changes.push({
      actor,
      action: "secret.retire",
      target: { kind: "client", ...row.client },
      before: { state: row.state },
      after: { secret_id: row.id, fingerprint: row.fingerprint, state: "retired" },
    })
  }
  await record(tx, ...changes)
}
