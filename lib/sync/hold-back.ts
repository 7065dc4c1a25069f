/** What must wait although it is wanted: what would fail, or take something with it. Pure. */
import { splitGrantKey, type AppliedObject, type RemoteObject } from "../connectors/objects.ts"
import { idOf } from "./normal.ts"
import type { PlannedChange, Sink } from "./plan.ts"

/** A grant is made only where both of its ends are ours and there, are made by this very plan, or are no objects there (`nowhere`). */
export function holdBackEarly(
  changes: readonly PlannedChange[],
  applied: ReadonlyMap<string, AppliedObject>,
  remote: ReadonlyMap<string, RemoteObject>,
  nowhere: ReadonlySet<string>,
  sink: Sink,
): PlannedChange[] {
  const made = new Set(changes.filter((change) => change.verb === "create").map(idOf))
  const ready = (id: string) =>
    made.has(id) || nowhere.has(id) || (applied.has(id) && applied.get(id)?.remoteId === remote.get(id)?.remoteId)
  return changes.filter((change) => {
    if (change.kind !== "grant" || change.verb !== "create") return true
    const { client, audience } = splitGrantKey(change.key)
    const lacking = [
      ...(ready(`audience ${audience}`) ? [] : [audience]),
      ...(ready(`client ${client}`) ? [] : [client]),
    ]
    if (lacking.length > 0)
      sink.keep(change, "waits", `It waits for ${lacking.join(", ")}, which this plan does not bring to the provider.`)
    return lacking.length === 0
  })
}

/** A client or audience goes only when every grant on it goes too: a foreign grant would die with it. */
export function holdBackUsed(
  changes: readonly PlannedChange[],
  remote: readonly RemoteObject[],
  sink: Sink,
): PlannedChange[] {
  const going = new Set(changes.filter((change) => change.verb === "delete").map(idOf))
  if (going.size === 0) return [...changes]
  const used = new Map<string, string>()
  for (const grant of remote) {
    if (grant.kind !== "grant" || going.has(idOf(grant))) continue
    const { client, audience } = splitGrantKey(grant.key)
    used.set(`client ${client}`, grant.key)
    used.set(`audience ${audience}`, grant.key)
  }
  return changes.filter((change) => {
    const by = change.verb === "delete" ? used.get(idOf(change)) : undefined
    if (by !== undefined)
      sink.keep(change, "in_use", `It cannot be deleted while the grant "${by}" stays on the provider.`)
    return by === undefined
  })
}
