import type { ObjectKind } from "../connectors/port.ts"
import type { PlannedChange } from "./plan.ts"

const ranks: Readonly<Record<ObjectKind, number>> = { audience: 1, client: 2, grant: 3 }

/**
 * The order in which a plan runs. The kill switch comes first; then audiences, clients, grants; then audiences that only
 * lose scopes, when no grant names those any more; deletes last, in the reverse order.
 */
function rankOf(change: PlannedChange): number {
  if (change.verb === "disable") return 0
  if (change.verb === "delete") return 9 - ranks[change.kind]
  return onlyLosesScopes(change) ? 4 : ranks[change.kind]
}

function onlyLosesScopes(change: PlannedChange): boolean {
  const scopes =
    change.kind === "audience" && change.verb === "update"
      ? change.fields.find(({ field }) => field === "scopes")
      : undefined
  if (!scopes || !Array.isArray(scopes.to) || !Array.isArray(scopes.from)) return false
  const names = (list: readonly unknown[]) =>
    list.map((scope) => (typeof scope === "object" && scope !== null && "name" in scope ? scope.name : scope))
  const before = new Set(names(scopes.from))
  const after = names(scopes.to)
  return after.length < before.size && after.every((name) => before.has(name))
}

export function byRank(a: PlannedChange, b: PlannedChange): number {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  const key = a.key < b.key ? -1 : a.key > b.key ? 1 : 0
  return a.verb === "delete" ? -key : key
}
