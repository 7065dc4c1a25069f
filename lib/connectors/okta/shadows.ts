/** What people ought to know of the policies on one authorization server, as sentences. Pure. */
import { grantPolicies, strangers, type PolicyWithRules } from "./effective.ts"
import { markerOf } from "./marker.ts"
import type { RemotePolicy } from "./shapes.ts"

/** No limit of policies on a server is documented anywhere, so a person is told in time (providers.md 12, O4). */
const manyPolicies = 50

/** One sentence for each foreign policy that decides over grants of ours, and one for a crowded server. */
export function shadowsOf(audience: string, all: readonly PolicyWithRules[]): readonly string[] {
  const ours = [...grantPolicies(all)].filter(([, policy]) => markerOf(policy.description) !== null)
  const seen = ours.map(([client, own]) => strangers(all, own, client))
  const above = new Set(seen.flatMap((one) => one.above))
  const below = new Set(seen.flatMap((one) => one.below))
  return [
    ...(all.length > manyPolicies
      ? [`${audience}: ${all.length} policies stand on its server, and Okta documents no limit.`]
      : []),
    ...[...above].map((one) => `${audience}: shadowed by policy ${named(one)}: tokens follow that policy.`),
    ...[...below].map((one) => `${audience}: policy ${named(one)} gives what our policies do not.`),
  ]
}

const named = ({ name, id, priority }: RemotePolicy): string => `${name ?? id} (priority ${priority ?? "unknown"})`
