import "server-only"
import { conflict } from "../../base/errors.ts"
import type { Tx } from "../../db/tx.ts"

/**
 * Before clients go: while a rotation is in flight, nobody else would know of its secrets on the provider. They are held, so that
 * none begins until the commit. Throws 409 `rotation_in_flight` with the rotation.
 */
export async function refuseRotating(tx: Tx, clientIds: readonly string[]): Promise<void> {
  await tx.$queryRaw`select 1 from client where id = any(${clientIds}::uuid[]) order by id for update`
  const found = await tx.rotation.findFirst({
    where: { clientId: { in: [...clientIds] }, state: { notIn: ["done", "aborted"] } },
    select: { id: true, state: true, client: { select: { name: true } }, provider: { select: { name: true } } },
    orderBy: { createdAt: "asc" },
  })
  if (!found) return
  const rotation = { id: found.id, client: found.client.name, provider: found.provider.name, state: found.state }
  throw conflict(
    "rotation_in_flight",
    `A rotation of ${rotation.client} on ${rotation.provider} is in flight (${rotation.state}). Abort it, or where it is too late for that let it finish; then delete ${rotation.client}. Disabling waits for no rotation.`,
    { rotation },
  )
}
