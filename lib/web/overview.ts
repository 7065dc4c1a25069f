import "server-only"
import type { Actor } from "../auth/actor.ts"
import { may } from "../auth/permissions.ts"
import { dayMs } from "../base/time.ts"
import { listSources } from "../events/source-view.ts"
import { providerHealth } from "../providers/queries.ts"
import { rotationsInTrouble, type RotationInTrouble } from "../rotation/queries.ts"
import { countSecretsEnding } from "../secrets/queries.ts"
import { plansInPart } from "../sync/queries.ts"
import { registryFacts, type RegistryFacts } from "../registry/overview.ts"

/** One thing that needs a person now, worst first. `href` leads to where it is settled. */
export interface Attention {
  readonly kind: "drift" | "grants_past_end" | "provider" | "rotation" | "source" | "plan" | "secret"
  readonly severity: "critical" | "high" | "medium"
  readonly title: string
  readonly detail: string
  readonly href: string
}

export interface Overview {
  readonly registry: RegistryFacts
  readonly attention: readonly Attention[]
  readonly providers: readonly { id: string; name: string; kind: string; status: string; drift: number }[]
}

const endsSoonMs = 14 * dayMs
const rank = { critical: 0, high: 1, medium: 2 } as const
const plural = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

/** What needs attention now, each with the way to settle it. */
export async function overview(actor: Actor, now = new Date()): Promise<Overview> {
  const [registry, providers, attention] = await Promise.all([
    registryFacts(actor, now),
    may(actor, "providers:read") ? providerHealth(actor) : [],
    attentionOf(actor, now),
  ])
  const past = registry.grants_past_end.length
  const ended: Attention[] =
    past === 0
      ? []
      : [
          {
            kind: "grants_past_end",
            severity: "high",
            title: `${plural(past, "grant")} past the end`,
            detail: "They left the desired state and still stand on a provider. A plan takes them away.",
            href: "/plans?new=1",
          },
        ]
  const unwell = providers
    .filter((p) => p.status === "unreachable" || p.status === "degraded")
    .map((p): Attention => ({
      kind: "provider",
      severity: p.status === "unreachable" ? "critical" : "high",
      title: `Provider ${p.name} is ${p.status}`,
      detail: p.why ?? "Its last health check failed.",
      href: `/providers/${p.id}`,
    }))
  const drifted = providers
    .filter((p) => p.drift > 0)
    .map((p): Attention => ({
      kind: "drift",
      severity: "high",
      title: `${plural(p.drift, "object")} drifted on ${p.name}`,
      detail: "Changed on the provider, not here. Revert, adopt, or ignore until a date.",
      href: `/providers/${p.id}?tab=drift`,
    }))
  const all = [...unwell, ...drifted, ...ended, ...attention].sort((a, b) => rank[a.severity] - rank[b.severity])
  return { registry, attention: all, providers: providers.map(({ why: _why, ...p }) => p) }
}

async function attentionOf(actor: Actor, now: Date): Promise<Attention[]> {
  const [plans, rotations, secrets, silent] = await Promise.all([
    may(actor, "plans:read") ? plansInPart(actor) : [],
    may(actor, "rotations:read") ? rotationsInTrouble(actor, now) : [],
    may(actor, "secrets:read") ? countSecretsEnding(actor, new Date(now.getTime() + endsSoonMs)) : 0,
    may(actor, "events:read") ? silentSources(actor) : [],
  ])
  return [
    ...plans.map((p): Attention => ({
      kind: "plan",
      severity: "high",
      title: "A plan was carried out in part",
      detail: "Some steps failed. Resume it, or plan again.",
      href: `/plans/${p.id}`,
    })),
    ...rotations.map((r): Attention => ({ kind: "rotation", href: `/rotations/${r.id}`, ...troubleOf(r) })),
    ...(secrets > 0
      ? [
          {
            kind: "secret" as const,
            severity: "medium" as const,
            title: `${plural(secrets, "secret")} end within 14 days`,
            detail: "Rotate them before they do.",
            href: "/rotations?tab=due",
          },
        ]
      : []),
    ...silent,
  ]
}

function troubleOf(r: RotationInTrouble): Pick<Attention, "severity" | "title" | "detail"> {
  if (r.client_without_secret)
    return {
      severity: "critical",
      title: `${r.client} has no secret that works`,
      detail: "Its provider accepts the new secret only, and nobody has taken it yet. Reveal it and hand it over.",
    }
  if (r.state === "grace")
    return {
      severity: "high",
      title: `The old secret of ${r.client} is overdue`,
      detail: "Its grace is over and it still works. See what keeps the gate closed.",
    }
  return {
    severity: "critical",
    title: `The rotation of ${r.client} needs a person`,
    detail: r.stuck_why ?? "It cannot go on by itself.",
  }
}

async function silentSources(actor: Actor): Promise<Attention[]> {
  const { items } = await listSources(actor, { limit: 200 })
  return items
    .filter((source) => source.state === "silent")
    .map((source): Attention => ({
      kind: "source",
      severity: "high",
      title: `Source ${source.name} is silent`,
      detail: "No event and no sign of life for longer than it should be. Nothing is concluded over the gap.",
      href: "/settings?tab=sources",
    }))
}
