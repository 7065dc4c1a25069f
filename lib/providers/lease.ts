import "server-only"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import type { Tx } from "../db/tx.ts"

/** Who may write to a provider now. `fence` grows with every new holder, so that a late one is told from the present one. */
export interface Lease {
  readonly providerId: string
  readonly holder: string
  readonly fence: bigint
}

/** Another process took over: whatever this one still wants to write is refused. */
export class LeaseLost extends Error {
  constructor(providerId: string) {
    super(`another process works on provider ${providerId} now`)
    this.name = "LeaseLost"
  }
}

/** After a kill -9 the next process waits this long at most. */
export const leaseSeconds = 8
const heartbeatMs = 2_000

/** Takes the lease where nobody holds it, by the clock of the database. Null: somebody else does. */
export async function takeLease(providerId: string): Promise<Lease | null> {
  const holder = newId()
  const rows = await db().$queryRaw<{ fence: bigint }[]>`
    insert into provider_lease as l (provider_id, holder, fence, until)
    values (${providerId}::uuid, ${holder}, 1, clock_timestamp() + make_interval(secs => ${leaseSeconds}))
    on conflict (provider_id) do update set holder = excluded.holder, fence = l.fence + 1, until = excluded.until
      where l.until <= clock_timestamp()
    returning fence`
  const taken = rows[0]
  return taken ? { providerId, holder, fence: taken.fence } : null
}

async function renew(lease: Lease): Promise<boolean> {
  const count = await db().$executeRaw`
    update provider_lease set until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
    where provider_id = ${lease.providerId}::uuid and holder = ${lease.holder} and fence = ${lease.fence} and until > clock_timestamp()`
  return count === 1
}

/** Inside each transaction of the holder: the write stands only while the lease does. Throws LeaseLost. */
export async function requireLease(tx: Tx, lease: Lease): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from provider_lease
    where provider_id = ${lease.providerId}::uuid and holder = ${lease.holder} and fence = ${lease.fence} and until > clock_timestamp()
    for share`
  if (rows.length === 0) throw new LeaseLost(lease.providerId)
}

/** Outside of a transaction, right before a call is sent once more. Throws LeaseLost. */
export async function stillHeld(lease: Lease): Promise<void> {
  if (!(await renew(lease))) throw new LeaseLost(lease.providerId)
}

/** Runs under the provider's lease, renewing it meanwhile. `{ busy: true }` when another process holds it. */
export async function withLease<T>(
  providerId: string,
  run: (lease: Lease) => Promise<T>,
): Promise<{ busy: true } | { busy: false; result: T }> {
  const lease = await takeLease(providerId)
  if (!lease) return { busy: true }
  // A lost heartbeat needs no handling here: the next transaction finds out.
  const heartbeat = setInterval(() => void renew(lease).catch(() => false), heartbeatMs)
  heartbeat.unref()
  try {
    return { busy: false, result: await run(lease) }
  } finally {
    clearInterval(heartbeat)
    await db().$executeRaw`
      update provider_lease set until = clock_timestamp()
      where provider_id = ${providerId}::uuid and holder = ${lease.holder} and fence = ${lease.fence}`
  }
}
