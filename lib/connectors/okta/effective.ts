/**
 * What a client's token requests really come to on one authorization server. Okta goes through the policies by priority,
 * then through the rules; the first policy and rule that match are applied and nothing after them is looked at. Pure.
 */
import { grantType } from "./app.ts"
import { markerOf, policyName } from "./marker.ts"
import type { RemotePolicy, RemoteRule } from "./shapes.ts"

export interface PolicyWithRules extends RemotePolicy {
  readonly rules: readonly RemoteRule[]
}

/** One client's grant on one server, as tokens would show it. */
export interface Effective {
  readonly scopes: readonly string[]
  /** Null: nothing is given, so nothing lives. */
  readonly ttlSeconds: number | null
  /** A policy above that decides instead, for one scope at least. */
  readonly shadow: RemotePolicy | null
}

const allClients = "ALL_CLIENTS"
const anyScope = "*"
const last = Number.MAX_SAFE_INTEGER

const clientsOf = (policy: RemotePolicy): readonly string[] => policy.conditions?.clients?.include ?? []
const isActive = ({ status }: { status?: string | null | undefined }): boolean => (status ?? "ACTIVE") === "ACTIVE"
export const byPriority = (a: { priority?: number | null | undefined }, b: typeof a): number =>
  (a.priority ?? last) - (b.priority ?? last)

export const isFor = (policy: RemotePolicy, client: string): boolean =>
  clientsOf(policy).some((one) => one === client || one === allClients)

/** Rules by which a service gets a token, in their order. */
export const serviceRules = (rules: readonly RemoteRule[]): readonly RemoteRule[] =>
  rules
    .filter((rule) => isActive(rule) && rule.conditions?.grantTypes?.include?.includes(grantType) === true)
    .toSorted(byPriority)

/** Policies made for named clients, by client: ours first, then the first that matches. `ALL_CLIENTS` is nobody's grant. */
export function grantPolicies<P extends RemotePolicy>(policies: readonly P[]): ReadonlyMap<string, P> {
  const found = new Map<string, P>()
  const ours = (policy: P, client: string) =>
    policy.name === policyName(client) && markerOf(policy.description) !== null
  for (const policy of policies.toSorted(byPriority))
    for (const client of clientsOf(policy))
      if (client !== allClients && (!found.has(client) || ours(policy, client))) found.set(client, policy)
  return found
}

/**
 * @param scopes of the server, for rules that name any scope.
 * @param policies all of the server; whoever stands below `own` cannot take anything away from it.
 */
export function effective(
  client: string,
  own: PolicyWithRules,
  policies: readonly PolicyWithRules[],
  scopes: readonly string[],
): Effective {
  const above = policies.filter((one) => one.id !== own.id && byPriority(one, own) < 0)
  const decided = new Map<string, { rule: RemoteRule; policy: RemotePolicy }>()
  for (const policy of [...above.toSorted(byPriority), own]) {
    if (!isActive(policy) || !isFor(policy, client)) continue
    for (const rule of serviceRules(policy.rules)) {
      const named = rule.conditions?.scopes?.include ?? []
      for (const scope of named.includes(anyScope) ? scopes : named)
        if (!decided.has(scope)) decided.set(scope, { rule, policy })
    }
  }
  const deciders = [...decided.values()]
  const foreign = deciders.find(({ policy }) => policy.id !== own.id)
  const minutes = (foreign ?? deciders[0])?.rule.actions?.token?.accessTokenLifetimeMinutes ?? null
  return {
    scopes: [...decided.keys()].toSorted(),
    ttlSeconds: minutes === null ? null : minutes * 60,
    shadow: foreign?.policy ?? null,
  }
}

/** Foreign policies that decide for everybody, or for a client of ours: above ours they win, below they widen. */
export function strangers(
  policies: readonly PolicyWithRules[],
  own: PolicyWithRules,
  client: string,
): { readonly above: readonly RemotePolicy[]; readonly below: readonly RemotePolicy[] } {
  const others = policies.filter(
    (one) => one.id !== own.id && isActive(one) && isFor(one, client) && serviceRules(one.rules).length > 0,
  )
  return {
    above: others.filter((one) => byPriority(one, own) < 0),
    below: others.filter((one) => byPriority(one, own) >= 0),
  }
}
