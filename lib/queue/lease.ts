import "server-only"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import type { Tx } from "../db/tx.ts"

/** One process works on the subject now. `holder` is new with every taking, so it fences the writes of whoever had it before. */
export interface Lease {
  /** The id of what is worked on: a provider (apply, secrets), a rotation, a plan (its tokens), a realm's set-up. */
  readonly subjectId: string
  readonly holder: string
  readonly pace: LeasePace
}

export interface LeasePace {
  /** After a kill -9 the next process waits this long at most. */
  readonly leaseMs: number
  /** A holder at work renews this often, so that a call may take longer than the lease. */
  readonly renewMs: number
}

export const leasePace: LeasePace = { leaseMs: 8_000, renewMs: 2_000 }

/** Another process took over: whatever this one still wants to write is refused. */
export class LeaseLost extends Error {
  constructor(subjectId: string) {
    super(`another process works on ${subjectId} now`)
    this.name = "LeaseLost"
  }
}

/** Takes the lease where nobody holds it, by the clock of the database. Null: somebody else does. */
async function take(subjectId: string, pace: LeasePace): Promise<Lease | null> {
  const holder = newId()
  const count = await db().$executeRaw`
    insert into lease as l (subject_id, holder, until)
    values (${subjectId}::uuid, ${holder}::uuid, clock_timestamp() + make_interval(secs => ${pace.leaseMs / 1000}))
    on conflict (subject_id) do update set holder = excluded.holder, until = excluded.until
      where l.until <= clock_timestamp()`
  return count === 1 ? { subjectId, holder, pace } : null
}

/**
 * For a short deed of our own tables that nobody may work beside: the subject is free, and whoever wants its lease waits for
 * this transaction. False: a process holds it.
 */
export async function freeUntilCommit(tx: Tx, subjectId: string): Promise<boolean> {
  const count = await tx.$executeRaw`
    insert into lease as l (subject_id, holder, until)
    values (${subjectId}::uuid, ${newId()}::uuid, clock_timestamp())
    on conflict (subject_id) do update set holder = excluded.holder, until = excluded.until
      where l.until <= clock_timestamp()`
  return count === 1
}

async function renew({ subjectId, holder, pace }: Lease): Promise<boolean> {
  const count = await db().$executeRaw`
    update lease set until = clock_timestamp() + make_interval(secs => ${pace.leaseMs / 1000})
    where subject_id = ${subjectId}::uuid and holder = ${holder}::uuid and until > clock_timestamp()`
  return count === 1
}

/** Inside each transaction of the holder: the write stands only while the lease does. Throws LeaseLost. */
export async function requireLease(tx: Tx, { subjectId, holder }: Lease): Promise<void> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from lease
    where subject_id = ${subjectId}::uuid and holder = ${holder}::uuid and until > clock_timestamp()
    for share`
  if (rows.length === 0) throw new LeaseLost(subjectId)
}

/**
 * Outside of a transaction, right before a call is sent: half of the lease at least is left to it. As long as the heartbeat
 * keeps up this only reads, so that calls side by side do not wait for one row. Throws LeaseLost.
 */
export async function stillHeld(lease: Lease): Promise<void> {
  const { subjectId, holder, pace } = lease
  const enough = await db().$queryRaw<unknown[]>`
    select 1 from lease
    where subject_id = ${subjectId}::uuid and holder = ${holder}::uuid
      and until > clock_timestamp() + make_interval(secs => ${pace.leaseMs / 2000})`
  if (enough.length === 0 && !(await renew(lease))) throw new LeaseLost(subjectId)
}

/** Runs under the lease of a subject, renewing it meanwhile. `{ busy: true }` when another process holds it. */
export async function withLease<T>(
  subjectId: string,
  run: (lease: Lease) => Promise<T>,
  pace: LeasePace = leasePace,
): Promise<{ busy: true } | { busy: false; result: T }> {
  const lease = await take(subjectId, pace)
  if (!lease) return { busy: true }
  // A lost heartbeat needs no handling here: the next transaction finds out.
  const heartbeat = setInterval(() => void renew(lease).catch(() => false), pace.renewMs)
  heartbeat.unref()
  try {
    return { busy: false, result: await run(lease) }
  } finally {
    clearInterval(heartbeat)
    // One that could not be given back ends by itself: what `run` did stands, or its own error is told.
    await db()
      .$executeRaw`delete from lease where subject_id = ${subjectId}::uuid and holder = ${lease.holder}::uuid`.catch(
      () => undefined,
    )
  }
}
