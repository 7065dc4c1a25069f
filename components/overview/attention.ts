import type { SourceView } from "../../lib/events/source-view.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { GrantView } from "../../lib/registry/schema.ts"
import type { RotationView } from "../../lib/rotation/schema.ts"
import type { Tone } from "../ui/StatusBadge.tsx"

/** One thing that somebody should do now. Plain data, worst first. */
export interface Attention {
  readonly key: string
  readonly tone: Extract<Tone, "fail" | "warn" | "info">
  readonly word: string
  readonly text: string
  readonly since: string | null
  /** Where to act; `plan` stands for making a plan. */
  readonly act: { readonly label: string; readonly href: string } | "plan"
}

export interface AttentionInput {
  readonly grantsPastEnd: readonly GrantView[]
  readonly grantsEnding: readonly GrantView[]
  readonly waitingClients: number | null
  readonly providers: readonly ProviderWire[]
  readonly drift: ReadonlyMap<string, number>
  readonly rotations: readonly RotationView[]
  readonly sources: readonly SourceView[]
}

const order = { fail: 0, warn: 1, info: 2 } as const
const some = (n: number, one: string, many: string): string => (n === 1 ? `1 ${one}` : `${n} ${many}`)

/** What needs attention, of what is known. Pure. */
export function attention(i: AttentionInput): readonly Attention[] {
  const found: Attention[] = []
  const unhealthy = i.providers.filter((p) => p.status === "unreachable" || p.status === "degraded")
  for (const p of unhealthy) {
    found.push({
      key: `provider ${p.id}`,
      tone: p.status === "unreachable" ? "fail" : "warn",
      word: p.status,
      text: `${p.name}: ${p.status_why ?? "it does not answer as it should"}`,
      since: p.checked_at,
      act: { label: "Open provider", href: `/providers/${p.id}` },
    })
  }
  for (const p of i.providers) {
    const n = i.drift.get(p.id) ?? 0
    if (n > 0)
      found.push({
        key: `drift ${p.id}`,
        tone: "warn",
        word: "drift",
        text: `${some(n, "object differs", "objects differ")} from what was last applied on ${p.name}`,
        since: p.last_read_at,
        act: { label: "See drift", href: `/providers/${p.id}?tab=drift` },
      })
  }
  for (const g of i.grantsPastEnd) {
    found.push({
      key: `past ${g.id}`,
      tone: "fail",
      word: "grant past its end",
      text: `${g.client} may still ask for ${g.scopes.join(" ")} on ${g.audience}: it stands at a provider until a plan is applied`,
      since: g.expires_at,
      act: "plan",
    })
  }
  for (const r of i.rotations) {
    if (r.state === "stuck")
      found.push({
        key: `rotation ${r.id}`,
        tone: "fail",
        word: "rotation stuck",
        text: `${r.client} on ${r.provider}: ${r.stuck_why ?? "it needs a person"}`,
        since: r.updated_at,
        act: { label: "Open rotation", href: `/rotations/${r.id}` },
      })
    else if (r.client_without_secret)
      found.push({
        key: `rotation ${r.id}`,
        tone: "fail",
        word: "client without a secret",
        text: `${r.client}: ${r.provider} accepts the new secret only, and nobody has taken it yet`,
        since: r.finished_at ?? r.updated_at,
        act: { label: "Reveal it", href: `/rotations/${r.id}` },
      })
    else if (r.overdue)
      found.push({
        key: `rotation ${r.id}`,
        tone: "fail",
        word: "old secret overdue",
        text: `${r.client} on ${r.provider}: the grace is over and the old secret still works`,
        since: r.grace_until,
        act: { label: "Open rotation", href: `/rotations/${r.id}` },
      })
    else if (r.waits_for === "delivery" || r.waits_for === "confirmation" || r.waits_for === "person")
      found.push({
        key: `rotation ${r.id}`,
        tone: "info",
        word: "rotation waits",
        text: `${r.client} on ${r.provider} waits for ${r.waits_for === "delivery" && r.strategy === "overlap" ? "delivery" : "a person"}`,
        since: r.updated_at,
        act: { label: "Open rotation", href: `/rotations/${r.id}` },
      })
  }
  for (const s of i.sources.filter((x) => x.state === "silent")) {
    found.push({
      key: `source ${s.id}`,
      tone: "warn",
      word: "source silent",
      text: `${s.name} was heard last some time ago: since then something may be missing`,
      since: s.last_received_at ?? s.heartbeat_at,
      act: { label: "Open source", href: `/settings?tab=sources&source=${s.id}` },
    })
  }
  if (i.waitingClients !== null && i.waitingClients > 0) {
    found.push({
      key: "waiting",
      tone: "info",
      word: "waiting for an apply",
      text: `${some(i.waitingClients, "client is", "clients are")} wanted on a provider where nothing stands yet`,
      since: null,
      act: "plan",
    })
  }
  for (const g of i.grantsEnding) {
    found.push({
      key: `ending ${g.id}`,
      tone: "info",
      word: "grant ends soon",
      text: `${g.client} on ${g.audience}`,
      since: g.expires_at,
      act: { label: "See grant", href: `/grants?client=${encodeURIComponent(g.client)}` },
    })
  }
  return found.sort((a, b) => order[a.tone] - order[b.tone])
}
