/** How a provider holds the grants that are wanted there: providers.md 11.4. Pure. */
import type { DesiredObject, Projection } from "../connectors/port.ts"
import { idOf } from "./normal.ts"

export interface ProjectionReport {
  readonly exact: number
  readonly widened: number
  readonly unsupported: number
  /** Every grant that is not held exactly, with its sentence; the first `itemsMax` of them. */
  readonly items: readonly { readonly key: string; readonly is: "widened" | "unsupported"; readonly why: string }[]
}

const itemsMax = 500

export function reportOf(
  grants: ReadonlyMap<string, { readonly key: string; readonly projection: Projection }>,
): ProjectionReport {
  const counts = { exact: 0, widened: 0, unsupported: 0 }
  const items: ProjectionReport["items"][number][] = []
  for (const { key, projection } of grants.values()) {
    counts[projection.is]++
    if (projection.is !== "exact" && items.length < itemsMax)
      items.push({ key, is: projection.is, why: projection.why })
  }
  return { ...counts, items }
}

/** Every wanted grant with what it becomes, each asked for once. */
export function projections(
  registry: readonly DesiredObject[],
  project: (grant: DesiredObject, all: readonly DesiredObject[]) => Projection,
): ReadonlyMap<string, { readonly key: string; readonly projection: Projection }> {
  return new Map(
    registry
      .filter(({ kind }) => kind === "grant")
      .map((grant) => [idOf(grant), { key: grant.key, projection: project(grant, registry) }]),
  )
}
