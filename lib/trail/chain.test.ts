import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { chainHash, genesis, verifyChain, type ChainedEntry, type StoredLink } from "./chain.ts"

const entry = (seq: number, after: unknown): ChainedEntry => ({
  seq: String(seq),
  id: `id-${seq}`,
  at: "2026-11-21T00:00:00.000Z",
  actor_kind: "user",
  actor_id: "u",
  actor_name: "a@example.com",
  action: "client.update",
  target_kind: "client",
  target_id: "c",
  target_name: "order-service",
  before: null,
  after,
  reason: null,
  request_id: null,
})

function chain(payloads: readonly unknown[]): StoredLink[] {
  let hash: Uint8Array = genesis
  return payloads.map((after, i) => {
    const e = entry(i + 1, after)
    const link = { entry: e, prevHash: hash, hash: chainHash(hash, e) }
    hash = link.hash
    return link
  })
}
const start = { seq: 0n, hash: genesis }

describe("the trail's chain", () => {
  test("an untouched chain verifies, whatever its content and whatever the order of members", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 20 }), (payloads) => {
        const reordered = chain(payloads).map((link) => ({
          ...link,
          entry: Object.fromEntries(Object.entries(link.entry).toReversed()) as unknown as ChainedEntry,
        }))
        return verifyChain(reordered, start).ok
      }),
    )
  })
  test("an edit, a deletion, an insertion or a swap is found at its place", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { minLength: 3, maxLength: 12 }),
        fc.nat(),
        fc.constantFrom("edit", "delete", "swap", "insert"),
        (payloads, at, kind) => {
          const links = chain(payloads)
          const i = at % (links.length - 1)
          const here = links[i]
          const next = links[i + 1]
          if (!here || !next) return false
          if (kind === "edit") links[i] = { ...here, entry: { ...here.entry, actor_name: "somebody else" } }
          if (kind === "delete") links.splice(i, 1)
          if (kind === "swap") links.splice(i, 2, next, here)
          if (kind === "insert") links.splice(i, 0, here)
          const verdict = verifyChain(links, start)
          return !verdict.ok && Number(verdict.seq) >= i + 1 && Number(verdict.seq) <= i + 2
        },
      ),
    )
  })
  test("a forged entry that is hashed correctly but does not follow is refused", () => {
    const links = chain([1, 2, 3])
    const forged = entry(2, "forged")
    const wrong = Buffer.alloc(32, 7)
    links[1] = { entry: forged, prevHash: wrong, hash: chainHash(wrong, forged) }
    expect(verifyChain(links, start)).toMatchObject({ ok: false, seq: "2" })
  })
})
