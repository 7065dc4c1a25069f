import type { AccessRow } from "../../lib/access/queries.ts"
import type { PairState } from "../../lib/access/pairs.ts"

export interface Node {
  readonly name: string
  readonly y: number
}
export interface Edge {
  readonly client: string
  readonly audience: string
  readonly state: PairState
  readonly from: number
  readonly to: number
}
export interface Layout {
  readonly clients: readonly Node[]
  readonly audiences: readonly Node[]
  readonly edges: readonly Edge[]
  readonly height: number
}

/** So many lines of text can still be told apart. */
export const edgesMax = 400
const rowHeight = 30
const passes = 6

/**
 * Two columns, clients left and audiences right. Each side is moved to the middle of its neighbours a few times, so that
 * lines cross little; ties keep the order of names. Pure, and the same for the same rows.
 */
export function layoutOf(rows: readonly AccessRow[]): Layout {
  const pairs = rows.flatMap((row) =>
    row.pairs.map((p) => ({ client: row.client, audience: p.audience, state: p.state })),
  )
  let left = [...new Set(pairs.map((p) => p.client))].sort()
  let right = [...new Set(pairs.map((p) => p.audience))].sort()
  const ofClient = Map.groupBy(pairs, (p) => p.client)
  const ofAudience = Map.groupBy(pairs, (p) => p.audience)
  for (let pass = 0; pass < passes; pass++) {
    right = byMiddle(right, left, (name) => (ofAudience.get(name) ?? []).map((p) => p.client))
    left = byMiddle(left, right, (name) => (ofClient.get(name) ?? []).map((p) => p.audience))
  }
  const rowsMost = Math.max(left.length, right.length)
  const placed = (names: readonly string[]): Node[] => {
    const step = names.length === 0 ? 0 : (rowsMost * rowHeight) / names.length
    return names.map((name, i) => ({ name, y: Math.round((i + 0.5) * step) }))
  }
  const clients = placed(left)
  const audiences = placed(right)
  const yOf = (nodes: readonly Node[]) => new Map(nodes.map((n) => [n.name, n.y]))
  const [from, to] = [yOf(clients), yOf(audiences)]
  return {
    clients,
    audiences,
    edges: pairs.map((p) => ({ ...p, from: from.get(p.client) ?? 0, to: to.get(p.audience) ?? 0 })),
    height: rowsMost * rowHeight,
  }
}

function byMiddle(names: readonly string[], others: readonly string[], near: (name: string) => string[]): string[] {
  const place = new Map(others.map((name, i) => [name, i / others.length]))
  const middle = new Map(
    names.map((name) => {
      const at = near(name).map((n) => place.get(n) ?? 0)
      return [name, at.reduce((sum, x) => sum + x, 0) / Math.max(1, at.length)]
    }),
  )
  return names.toSorted((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0) || (a < b ? -1 : 1))
}
