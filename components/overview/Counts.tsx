"use client"

import { Anchor, Group } from "@mantine/core"
import Link from "next/link"
import type { SourceView } from "../../lib/events/source-view.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { RegistryFacts } from "../../lib/registry/overview.ts"
import { Facts } from "../ui/Facts.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import { Absent } from "../ui/TimeText.tsx"

const number = new Intl.NumberFormat("en")
const health: Readonly<Record<string, Tone>> = {
  healthy: "pass",
  degraded: "warn",
  unreachable: "fail",
  unknown: "unknown",
}

/** How much there is, each number with its rows behind it. */
export function Counts({
  facts,
  providers,
  sources,
}: {
  facts: RegistryFacts
  providers: readonly ProviderWire[]
  sources: readonly SourceView[] | undefined
}) {
  const to = (href: string, n: number, rest = "") => (
    <Group gap={0}>
      <Anchor component={Link} href={href} fz="inherit" className="num">
        {number.format(n)}
      </Anchor>
      <span>{rest}</span>
    </Group>
  )
  return (
    <Panel title="Registry">
      <Facts
        items={[
          [
            "Clients",
            to(
              "/clients",
              facts.clients,
              facts.clients_disabled > 0 ? `, ${number.format(facts.clients_disabled)} disabled` : "",
            ),
          ],
          ["Audiences", to("/audiences", facts.audiences)],
          ["Grants", to("/grants", facts.grants)],
          ...providers.slice(0, 8).map(
            (p) =>
              [
                p.name,
                <span key={p.id}>
                  <StatusBadge tone={health[p.status] ?? "unknown"} title={p.status_why ?? undefined}>
                    {p.status === "unknown" ? "not checked yet" : p.status}
                  </StatusBadge>
                </span>,
              ] as const,
          ),
          [
            "Event sources",
            sources ? (
              to("/settings?tab=sources", sources.length, `, ${sources.filter((s) => s.state === "live").length} live`)
            ) : (
              <Absent key="s" why="not read yet" />
            ),
          ],
        ]}
      />
    </Panel>
  )
}
