/** How a provider holds the grants that are wanted there: providers.md 11.4. Pure. */
import { splitGrantKey, type DesiredObject, type Projection } from "../connectors/objects.ts"
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

type Project = (grant: DesiredObject, all: readonly DesiredObject[]) => Projection

/**
 * Every wanted grant with what it becomes, each asked for once. A connector is shown the grants that share an end with it,
 * and all of their ends: with thousands of grants, everything for each of them would take longer than the provider.
 */
export function projections(
  registry: readonly DesiredObject[],
  project: Project,
): ReadonlyMap<string, { readonly key: string; readonly projection: Projection }> {
  const objects = new Map(registry.map((object) => [idOf(object), object]))
  const grants = registry
    .filter(({ kind }) => kind === "grant")
    .map((grant) => ({ grant, ...splitGrantKey(grant.key) }))
  const byClient = Map.groupBy(grants, ({ client }) => client)
  const byAudience = Map.groupBy(grants, ({ audience }) => audience)
  return new Map(
    grants.map(({ grant, client, audience }) => {
      const near = new Set([...(byClient.get(client) ?? []), ...(byAudience.get(audience) ?? [])])
      const ends = new Set([...near].flatMap((one) => [`audience ${one.audience}`, `client ${one.client}`]))
      const shown = [...[...ends].flatMap((id) => objects.get(id) ?? []), ...[...near].map((one) => one.grant)]
      return [idOf(grant), { key: grant.key, projection: project(grant, shown) }]
    }),
  )
}
