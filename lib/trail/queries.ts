import "server-only"
import { db } from "../db/client.ts"
import { literally } from "../db/like.ts"
import { Prisma } from "../db/tx.ts"
import { genesis, verifyChain, type ChainedEntry, type ChainVerdict, type StoredLink } from "./chain.ts"

export interface TrailFilter {
  readonly target_kind?: string | undefined
  readonly target_id?: string | undefined
  readonly action?: string | undefined
  readonly actor?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly limit: number
  /** Entries before this sequence number. */
  readonly before?: bigint | undefined
}

type Row = Prisma.TrailEntryGetPayload<object>

const entryOf = (row: Row): ChainedEntry => ({
  seq: String(row.seq),
  id: row.id,
  at: row.at.toISOString(),
  actor_kind: row.actorKind,
  actor_id: row.actorId,
  actor_name: row.actorName,
  action: row.action,
  target_kind: row.targetKind,
  target_id: row.targetId,
  target_name: row.targetName,
  before: row.before,
  after: row.after,
  reason: row.reason,
  request_id: row.requestId,
})

export type TrailView = ChainedEntry & { readonly hash: string }

/** Newest first. lib/auth/audit.ts asks for the permission: this room stands below that one. */
export async function listTrail(filter: TrailFilter): Promise<{ items: TrailView[]; next: bigint | null }> {
  const at: Prisma.DateTimeFilter = {}
  if (filter.from) at.gte = new Date(filter.from)
  if (filter.to) at.lt = new Date(filter.to)
  const rows = await db().trailEntry.findMany({
    where: {
      ...(filter.target_kind ? { targetKind: filter.target_kind } : {}),
      ...(filter.target_id ? { targetId: filter.target_id } : {}),
      ...(filter.action ? { action: filter.action } : {}),
      ...(filter.actor ? { actorName: { contains: literally(filter.actor), mode: "insensitive" as const } } : {}),
      ...(filter.before === undefined ? {} : { seq: { lt: filter.before } }),
      ...(filter.from || filter.to ? { at } : {}),
    },
    orderBy: { seq: "desc" },
    take: filter.limit + 1,
  })
  const items = rows.slice(0, filter.limit)
  const last = items.at(-1)
  return {
    items: items.map((row) => ({ ...entryOf(row), hash: Buffer.from(row.hash).toString("hex") })),
    next: rows.length > filter.limit && last ? last.seq : null,
  }
}

const pageSize = 5_000

/** Walks the whole chain from its first entry to its head. */
export async function verifyTrail(): Promise<
  ChainVerdict & { readonly head: { readonly seq: string; readonly hash: string } }
> {
  let from: { seq: bigint; hash: Uint8Array } = { seq: 0n, hash: genesis }
  let entries = 0
  for (;;) {
    const rows = await db().trailEntry.findMany({
      where: { seq: { gt: from.seq } },
      orderBy: { seq: "asc" },
      take: pageSize,
    })
    const links: StoredLink[] = rows.map((row) => ({ entry: entryOf(row), prevHash: row.prevHash, hash: row.hash }))
    const verdict = verifyChain(links, from)
    const shown = { seq: String(verdict.head.seq), hash: Buffer.from(verdict.head.hash).toString("hex") }
    if (!verdict.ok) return { ...verdict, head: shown }
    entries += verdict.entries
    from = verdict.head
    if (rows.length < pageSize) return { ...(await againstHead(from, entries)), head: shown }
  }
}

/** A cut tail leaves a chain that is whole in itself: the head tells. */
async function againstHead(at: { seq: bigint; hash: Uint8Array }, entries: number): Promise<ChainVerdict> {
  const head = await db().trailHead.findUniqueOrThrow({ where: { id: 1 } })
  // Entries may have been added while we walked; a head behind us, or another hash at our place, is tampering.
  if (head.seq < at.seq || (head.seq === at.seq && !Buffer.from(head.hash).equals(at.hash)))
    return { ok: false, seq: String(at.seq), why: "The stored head does not match the last entry." }
  if (head.seq > at.seq && (await db().trailEntry.count({ where: { seq: head.seq } })) === 0)
    return { ok: false, seq: String(at.seq + 1n), why: "Entries are missing at the end." }
  return { ok: true, entries }
}
