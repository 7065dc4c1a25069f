import "server-only"
import type { Tx } from "../db/tx.ts"

/** Any fixed number. Changes of single things share it; replacing the whole registry has it alone. */
const registryLock = 4_270_926_130

/** First thing in a transaction that changes one object of the registry. */
export async function shareRegistry(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock_shared(${registryLock}::bigint)`
}

/** First thing in a transaction that replaces the registry: nobody changes a part of it meanwhile. */
export async function ownRegistry(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${registryLock}::bigint)`
}
