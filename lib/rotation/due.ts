import "server-only"
import { db } from "../db/client.ts"
import { Prisma } from "../db/tx.ts"

/**
 * Rotations in place after whose switch nobody has taken the new secret: its client holds none that works. A disabled
 * client asks for no token, so it lacks nothing. `among`: only of these; null: of all.
 */
export async function clientsWithoutSecret(among: readonly string[] | null): Promise<ReadonlySet<string>> {
  if (among?.length === 0) return new Set()
  const these = among === null ? Prisma.empty : Prisma.sql`and r.id = any(${[...among]}::uuid[])`
  const rows = await db().$queryRaw<{ id: string }[]>`
    select r.id::text as id
    from rotation r join client_secret s on s.id = r.new_secret_id join client c on c.id = r.client_id
    where r.strategy = 'in_place' and c.enabled
      and coalesce(r.stuck_from, r.state) in ('cut_over', 'verified', 'done')
      and s.remote_id is not null and s.sealed is not null and s.revealed_at is null and s.state <> 'retired'
      ${these}`
  return new Set(rows.map(({ id }) => id))
}

/** What a person has to do something about. `without`: what `clientsWithoutSecret` answers of all. */
export const dueWhere = (now: Date, without: ReadonlySet<string>): Prisma.RotationWhereInput => ({
  OR: [
    { state: "stuck" },
    { state: "grace", graceUntil: { lte: now } },
    {
      nextAttemptAt: null,
      abortRequestedAt: null,
      OR: [
        { strategy: "in_place", state: "intent" },
        { strategy: "in_place", state: "published", confirmedAt: null },
        { strategy: "overlap", state: "verified", emergency: false },
      ],
    },
    { id: { in: [...without] } },
  ],
})
