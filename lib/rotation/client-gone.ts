import "server-only"
import type { Tx } from "../db/tx.ts"
import type { TrailActor } from "../trail/record.ts"
import { finalStates } from "./machine.ts"
import { journal, lockRotation, transition } from "./store.ts"

/**
 * Ends the rotations of clients that were deleted at a provider: no secret is left there to rotate. In the transaction that
 * writes the deletion down, so that neither stands without the other; whoever is at work on such a rotation finds its
 * version moved and writes nothing more.
 */
export async function clientsGone(
  tx: Tx,
  actor: TrailActor,
  gone: { readonly providerId: string; readonly clients: readonly string[] },
): Promise<void> {
  const flying = await tx.rotation.findMany({
    where: {
      providerId: gone.providerId,
      client: { name: { in: [...gone.clients] } },
      state: { notIn: [...finalStates] },
    },
    select: { id: true },
    orderBy: { id: "asc" },
  })
  for (const { id } of flying) {
    const { row, now } = await lockRotation(tx, id)
    const why = `${row.client.name} was deleted on ${row.provider.name}, and every secret with it: there is nothing left to rotate.`
    await journal(tx, id, "client_gone", "result", { state: row.state })
    await transition(
      tx,
      row,
      now,
      { is: "client_gone" },
      { actor, action: "rotation.abort", reason: why },
      { stuckWhy: why },
    )
  }
}
