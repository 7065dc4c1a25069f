import "server-only"
import { db } from "./client.ts"
import { Prisma } from "./generated/client.ts"
import { ingestPool } from "./ingest.ts"
import type { PoolClient } from "./pool.ts"

declare const branded: unique symbol

/** A registry transaction: registry, trail, journal, jobs. Only `withTx` makes one. */
export type Tx = Prisma.TransactionClient & { readonly [branded]: "tx" }
/** An ingest transaction: events, rollups, cursors, parked rows; no trail. Only `withIngestTx` makes one. */
export type IngestTx = PoolClient & { readonly [branded]: "ingest" }

const retryable = new Set(["P2034"])
const attemptsMax = 3

/**
 * One registry transaction. No provider call inside. A write conflict or deadlock is tried again, up to three times, so
 * `run` must have no effect outside of `tx`.
 */
export async function withTx<T>(run: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db().$transaction(async (tx) => run(tx as Tx))
    } catch (error) {
      const again = error instanceof Prisma.PrismaClientKnownRequestError && retryable.has(error.code)
      if (!again || attempt >= attemptsMax) throw error
    }
  }
}

/** One ingest transaction on the ingest pool. */
export async function withIngestTx<T>(run: (tx: IngestTx) => Promise<T>): Promise<T> {
  const client = await ingestPool().connect()
  let broken: Error | undefined
  const lost = (error: Error) => {
    broken = error
  }
  client.on("error", lost)
  try {
    await client.query("begin")
    const result = await run(client as IngestTx)
    await client.query("commit")
    return result
  } catch (error) {
    await client.query("rollback").catch((e: Error) => {
      broken ??= e
    })
    // Over a lost connection whatever failed first failed for that reason: the sender may come again.
    throw broken ?? error
  } finally {
    client.off("error", lost)
    client.release(broken)
  }
}

export { Prisma }
