import { sha256 } from "../base/digest.ts"
import { canonicalJson } from "../base/json.ts"

/** One link of the chain as it is hashed: everything of the entry, and the hash before it. */
export interface ChainedEntry {
  readonly seq: string
  readonly id: string
  readonly at: string
  readonly actor_kind: string
  readonly actor_id: string
  readonly actor_name: string
  readonly action: string
  readonly target_kind: string
  readonly target_id: string
  readonly target_name: string
  readonly before: unknown
  readonly after: unknown
  readonly reason: string | null
  readonly request_id: string | null
}

/** The hash of the first entry's predecessor. */
export const genesis: Buffer = Buffer.alloc(32)

/** SHA-256 over 0x00, the previous hash and the entry's canonical JSON (RFC 8785); the prefix is RFC 6962's leaf prefix. */
export const chainHash = (previous: Uint8Array, entry: ChainedEntry): Buffer =>
  sha256(Buffer.concat([Buffer.of(0), previous, Buffer.from(canonicalJson(entry))]))

export interface StoredLink {
  readonly entry: ChainedEntry
  readonly prevHash: Uint8Array
  readonly hash: Uint8Array
}

export type ChainVerdict =
  { readonly ok: true; readonly entries: number } | { readonly ok: false; readonly seq: string; readonly why: string }

/** Verifies links in ascending order from `from` (the hash before the first one). Pure. */
export function verifyChain(
  links: Iterable<StoredLink>,
  from: { seq: bigint; hash: Uint8Array },
): ChainVerdict & { readonly head: { seq: bigint; hash: Uint8Array } } {
  let { seq, hash } = from
  let entries = 0
  for (const link of links) {
    const at = { seq: link.entry.seq, head: { seq, hash } }
    if (BigInt(link.entry.seq) !== seq + 1n) return { ok: false, why: `Entry ${seq + 1n} is missing.`, ...at }
    if (!Buffer.from(link.prevHash).equals(hash))
      return { ok: false, why: "It does not follow the entry before it.", ...at }
    if (!chainHash(hash, link.entry).equals(link.hash))
      return { ok: false, why: "Its content was changed after it was written.", ...at }
    seq += 1n
    hash = link.hash
    entries++
  }
  return { ok: true, entries, head: { seq, hash } }
}
