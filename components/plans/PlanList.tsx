"use client"

import { Button, Text } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import dynamic from "next/dynamic"
import Link from "next/link"
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import type { PlanSummary } from "../../lib/sync/schema.ts"
import { useProviders } from "../registry/useProviders.ts"
import { useMay } from "../shell/viewer.tsx"
import { Choice } from "../ui/Choice.tsx"
import { DataTable, type Column } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FilterBar } from "../ui/FilterBar.tsx"
import { NoMatch } from "../ui/NoMatch.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { usePages } from "../ui/usePages.ts"
import { PlanStatus } from "./PlanStatus.tsx"
import { progressOf } from "./shape.ts"
import { Sums } from "./Sums.tsx"

const NewPlan = dynamic(() => import("./NewPlan.tsx").then((m) => m.NewPlan), { ssr: false })

const statuses = [
  "planned",
  "approved",
  "applying",
  "applied",
  "partially_applied",
  "stale",
  "failed",
  "discarded",
] as const
const filters = {
  status: parseAsStringLiteral(statuses),
  provider: parseAsString,
  new: parseAsBoolean.withDefault(false),
}
const none = { status: null, provider: null }

export function PlanList() {
  const [f, set] = useQueryStates(filters, { history: "replace" })
  const providers = useProviders()
  const writes = useMay("plans:write")
  const list = usePages<PlanSummary>("/plans", { status: f.status, provider: f.provider }, { refetchInterval: 5_000 })
  const fresh = (
    <Button
      leftSection={<IconPlus size={15} aria-hidden />}
      onClick={() => void set({ new: true }, { history: "push" })}
    >
      New plan
    </Button>
  )
  const pills = [
    ...(f.status
      ? [{ field: "Status", value: f.status.replaceAll("_", " "), remove: () => void set({ status: null }) }]
      : []),
    ...(f.provider
      ? [{ field: "Provider", value: providers.nameOf(f.provider), remove: () => void set({ provider: null }) }]
      : []),
  ]
  return (
    <>
      <PageHeader
        title="Plans"
        description="The difference between the registry and the providers, frozen, reviewed, then carried out step by step."
        actions={writes && fresh}
      />
      <Panel flush>
        <FilterBar pills={pills} clear={() => void set(none)}>
          <Choice
            aria-label="Status"
            any="Any status"
            size="xs"
            w={170}
            data={statuses.map((s) => ({ value: s, label: s.replaceAll("_", " ") }))}
            value={f.status}
            onChange={(s) => void set({ status: statuses.find((x) => x === s) ?? null })}
          />
          <Choice
            aria-label="Provider"
            any="Any provider"
            size="xs"
            w={170}
            data={providers.items.map((p) => ({ value: p.id, label: p.name }))}
            value={f.provider}
            onChange={(provider) => void set({ provider })}
          />
        </FilterBar>
        <DataTable
          label="Plans"
          rows={list.rows}
          rowKey={(p) => p.id}
          href={(p) => `/plans/${p.id}`}
          error={list.error}
          retry={list.retry}
          more={list.more}
          columns={columns(providers.nameOf)}
          empty={
            pills.length > 0 ? (
              <NoMatch what="plans" clear={() => void set(none)} />
            ) : (
              <EmptyState title="No plan yet" action={writes && fresh}>
                A plan shows what would be written at your providers before anything is written. Change the registry,
                make a plan, review it, apply it.
              </EmptyState>
            )
          }
        />
      </Panel>
      {f.new && writes && <NewPlan first={f.provider ? [f.provider] : null} onClose={() => void set({ new: null })} />}
    </>
  )
}

const columns = (nameOf: (id: string) => string): readonly Column<PlanSummary>[] => [
  {
    key: "plan",
    header: "Plan",
    cell: (p) => (
      <Text
        component={Link}
        href={`/plans/${p.id}`}
        fz="inherit"
        fw={500}
        c="inherit"
        style={{ textDecoration: "none" }}
      >
        {p.purpose ?? `Plan ${p.hash.slice(0, 8)}`}
      </Text>
    ),
  },
  {
    key: "status",
    header: "Status",
    cell: (p) => (
      <>
        <PlanStatus status={p.status} />
        {p.status === "applying" && <Ended plan={p} />}
      </>
    ),
  },
  { key: "sums", header: "Changes", cell: (p) => <Sums counts={p.counts} /> },
  { key: "providers", header: "Providers", cell: (p) => p.provider_ids.map(nameOf).join(", ") },
  { key: "who", header: "By", cell: (p) => p.applied_by ?? p.created_by },
  { key: "when", header: "Made", cell: (p) => <TimeText at={p.created_at} /> },
]

function Ended({ plan }: { plan: PlanSummary }) {
  const { ended, all } = progressOf(plan.progress)
  return (
    <Text span size="xs" c="dimmed" className="num">
      {" "}
      {ended} of {all}
    </Text>
  )
}
