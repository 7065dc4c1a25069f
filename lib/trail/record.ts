import "server-only"
import { newId } from "../base/id.ts"
import { redact } from "../base/redact.ts"
import type { Tx } from "../db/tx.ts"
import type { TrailAction } from "./actions.ts"
import { chainHash, type ChainedEntry } from "./chain.ts"

/** Structurally an `Actor` of lib/auth; the trail sits beside that room and needs only the name. */
export interface TrailActor {
  readonly kind: string
  readonly id: string
  readonly name: string
  readonly requestId: string | null
}

export interface TrailChange {
  readonly actor: TrailActor
  readonly action: TrailAction
  readonly target: { readonly kind: string; readonly id: string; readonly name: string }
  /** Plain data without secrets. What did not exist is left out. */
  readonly before?: unknown
  readonly after?: unknown
  readonly reason?: string | null
}

const plain = (value: unknown): unknown => (value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown))

/**
 * Writes admin audit entries in the caller's transaction: the change commits with its trace or not at all. Call it last,
 * since the chain's head is locked until the commit.
 */
export async function record(tx: Tx, ...changes: readonly TrailChange[]): Promise<void> {
  if (changes.length === 0) return
  const heads = await tx.$queryRaw<{ seq: bigint; hash: Uint8Array; now: Date }[]>`
    select seq, hash, clock_timestamp() as now from trail_head where id = 1 for update`
  const head = heads[0]
  if (!head) throw new Error("the trail has no head: the migrations are incomplete")
  let { seq } = head
  let hash: Uint8Array<ArrayBuffer> = Uint8Array.from(head.hash)
  const rows: (ChainedEntry & { readonly prev_hash: string; readonly hash: string })[] = []
  for (const change of changes) {
    seq += 1n
    const entry: ChainedEntry = {
      seq: String(seq),
      id: newId(head.now.getTime()),
      at: head.now.toISOString(),
      actor_kind: change.actor.kind,
      actor_id: change.actor.id,
      actor_name: change.actor.name,
      action: change.action,
      target_kind: change.target.kind,
      target_id: change.target.id,
      target_name: change.target.name,
      before: plain(change.before),
      after: plain(change.after),
      reason: change.reason ? redact(change.reason) : null,
      request_id: change.actor.requestId,
    }
    const next = chainHash(hash, entry)
    rows.push({ ...entry, prev_hash: Buffer.from(hash).toString("hex"), hash: next.toString("hex") })
    hash = Uint8Array.from(next)
  }
  // One JSON parameter carries one entry as well as the ten thousand of a replaced registry.
  await tx.$executeRaw`
    insert into trail_entry (seq, id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, target_name, before, after, reason, request_id, prev_hash, hash)
    select r.seq, r.id, r.at, r.actor_kind, r.actor_id, r.actor_name, r.action, r.target_kind, r.target_id, r.target_name,
      nullif(r.before, 'null'::jsonb), nullif(r.after, 'null'::jsonb), r.reason, r.request_id, decode(r.prev_hash, 'hex'), decode(r.hash, 'hex')
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r (seq bigint, id uuid, at timestamptz, actor_kind text, actor_id text, actor_name text, action text,
      target_kind text, target_id text, target_name text, before jsonb, after jsonb, reason text, request_id text, prev_hash text, hash text)`
  await tx.trailHead.update({ where: { id: 1 }, data: { seq, hash } })
}
