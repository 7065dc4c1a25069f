/** In which order a plan runs, and what of it may run side by side. */
import { spread } from "../base/spread.ts"
import { splitGrantKey, type ObjectKind } from "../connectors/objects.ts"
import type { PlannedChange } from "./plan.ts"

type Ordered = Pick<PlannedChange, "verb" | "kind" | "key" | "fields">

const ranks: Readonly<Record<ObjectKind, number>> = { audience: 1, client: 2, grant: 3 }

/**
 * The order in which a plan runs. The kill switch comes first; then audiences, clients, grants; then audiences that only
 * lose scopes, when no grant names those any more; deletes last, in the reverse order.
 */
function rankOf(change: Ordered): number {
  if (change.verb === "disable") return 0
  if (change.verb === "delete") return 9 - ranks[change.kind]
  return onlyLosesScopes(change) ? 4 : ranks[change.kind]
}

function onlyLosesScopes(change: Ordered): boolean {
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

export function byRank(a: Ordered, b: Ordered): number {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  const key = a.key < b.key ? -1 : a.key > b.key ? 1 : 0
  return a.verb === "delete" ? -key : key
}

/**
 * Steps of one rank, rank after rank: a phase begins when the one before is over. Where grants go with their client
 * (`WritePort.grantsGoWithClient`), one of a client that goes comes after it, to be found gone: a grant that cannot be taken
 * away alone must not hold up the kill switch.
 */
export function phasesOf<T extends Ordered>(steps: readonly T[], grantsGoWithClient = false): T[][] {
  const going = new Set(steps.flatMap(({ verb, kind, key }) => (verb === "delete" && kind === "client" ? [key] : [])))
  const rank = (step: T): number =>
    grantsGoWithClient && step.verb === "delete" && step.kind === "grant" && going.has(splitGrantKey(step.key).client)
      ? 9 - ranks.client + 0.5
      : rankOf(step)
  return [...Map.groupBy(steps, rank)].sort(([a], [b]) => a - b).map(([, phase]) => phase)
}

/** One writer for each object: the grants of one client change that client on most providers, so they share a lane. */
export function lanesOf<T extends Ordered>(phase: readonly T[]): T[][] {
  const lane = ({ kind, key }: T) => (kind === "grant" ? `client ${splitGrantKey(key).client}` : `${kind} ${key}`)
  return [...Map.groupBy(phase, lane).values()]
}

/**
 * Runs lanes side by side, at most `width` at once, each in its order. Once one throws no other step begins, of the other
 * lanes neither; it throws on when those under way are over.
 */
export async function inLanes<T>(
  lanes: readonly (readonly T[])[],
  width: number,
  run: (step: T) => Promise<void>,
): Promise<void> {
  let broken = false
  await spread(lanes, width, async (lane) => {
    for (const step of lane) {
      if (broken) return
      await run(step).catch((error: unknown) => {
        broken = true
        throw error
      })
    }
  })
}
