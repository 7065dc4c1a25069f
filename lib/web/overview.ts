import "server-only"
import type { Actor } from "../auth/actor.ts"
import { may } from "../auth/permissions.ts"
import { db } from "../db/client.ts"
import { listSources } from "../events/source_view.ts"
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

const rank = { critical: 0, high: 1, medium: 2 } as const
const plural = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`

/** What needs attention now, each with the way to settle it. */
export async function overview(actor: Actor, now = new Date()): Promise<Overview> {
  const [registry, providers, attention] = await Promise.all([
    registryFacts(actor, now),
    may(actor, "providers:read") ? providerFacts() : [],
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

async function providerFacts() {
  const rows = await db().provider.findMany({
    select: {
      id: true,
      name: true,
      kind: true,
      status: true,
      statusWhy: true,
      _count: { select: { drift: { where: { status: "open" } } } },
    },
    orderBy: { createdAt: "asc" },
  })
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    kind: row.kind,
    status: row.status,
    why: row.statusWhy,
    drift: row._count.drift,
  }))
}

async function attentionOf(actor: Actor, now: Date): Promise<Attention[]> {
  const [plans, rotations, secrets, silent] = await Promise.all([
    may(actor, "plans:read")
      ? db().plan.findMany({
          where: { status: "partially_applied" },
          select: { id: true },
          orderBy: { createdAt: "desc" },
          take: 5,
        })
      : [],
    may(actor, "rotations:read")
      ? db().rotation.findMany({
          where: { OR: [{ state: { in: ["stuck", "secret_unknown"] } }, { state: "grace", graceUntil: { lt: now } }] },
          select: { id: true, state: true, stuckWhy: true, client: { select: { name: true } } },
          take: 20,
        })
      : [],
    may(actor, "secrets:read")
      ? db().clientSecret.count({
          where: { state: "live", expiresAt: { lt: new Date(now.getTime() + 14 * 86_400_000) } },
        })
      : 0,
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
    ...rotations.map((r): Attention =>
      r.state === "grace"
        ? {
            kind: "rotation",
            severity: "high",
            title: `The old secret of ${r.client.name} is overdue`,
            detail: "Its grace is over and it still works. See what keeps the gate closed.",
            href: `/rotations/${r.id}`,
          }
        : {
            kind: "rotation",
            severity: "critical",
            title: `The rotation of ${r.client.name} needs a person`,
            detail: r.stuckWhy ?? "It cannot go on by itself.",
            href: `/rotations/${r.id}`,
          },
    ),
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
