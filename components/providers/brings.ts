import type { FoundWire } from "../../lib/sync/import.ts"

/** One thing that was found, by kind and key. */
export const idOfFound = (f: Pick<FoundWire, "kind" | "key">): string => `${f.kind} ${f.key}`

const many = (n: number, word: string): string => `${n} ${n === 1 ? word : `${word}s`}`

/** What adopting the picked ones takes over: a client brings its grants, and the APIs that they are on. */
export function bringsOf(found: readonly FoundWire[], picked: ReadonlySet<string>): string {
  const clients = found.filter((f) => f.kind === "client" && picked.has(idOfFound(f)))
  const grants = clients.flatMap((c) => c.grants)
  const audiences = found.filter(
    (f) => f.kind === "audience" && (picked.has(idOfFound(f)) || grants.some((g) => g.audience === f.key)),
  )
  const proposed = audiences.filter((a) => a.remote_id === null).length
  const taken = [many(clients.length, "client"), many(audiences.length, "API"), many(grants.length, "grant")].join(", ")
  return proposed === 0
    ? `Takes over ${taken}, as they are.`
    : `Takes over ${taken}, as they are; ${many(proposed, "API")} by proposal: only grants name ${proposed === 1 ? "it" : "them"}.`
}
