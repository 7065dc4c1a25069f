"use client"

import { Button, Tabs, Text } from "@mantine/core"
import { IconRefresh } from "@tabler/icons-react"
import dynamic from "next/dynamic"
import Link from "next/link"
import { parseAsBoolean, parseAsStringLiteral, useQueryState } from "nuqs"
import type { ReactNode } from "react"
import type { RotationView } from "../../lib/rotation/schema.ts"
import { useMay } from "../shell/viewer.tsx"
import { DataTable, type Column } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { usePages } from "../ui/usePages.ts"
import { StateBadge } from "./StateBadge.tsx"
import { standing } from "./words.ts"

const ChooseClient = dynamic(() => import("./ChooseClient.tsx").then((m) => m.ChooseClient), { ssr: false })

const tabs = ["due", "running", "done", "aborted"] as const

export function RotationList() {
  const [tab, setTab] = useQueryState(
    "tab",
    parseAsStringLiteral(tabs).withDefault("due").withOptions({ history: "push" }),
  )
  const [starting, setStarting] = useQueryState("new", parseAsBoolean.withDefault(false))
  const writes = useMay("rotations:write")
  const due = usePages<RotationView>("/rotations", { state: "due" }, { limit: 200, refetchInterval: 4_000 })
  const flying = usePages<RotationView>("/rotations", { state: "in_flight" }, { limit: 200, refetchInterval: 4_000 })
  const over = usePages<RotationView>(
    "/rotations",
    { state: tab === "aborted" ? "aborted" : "done" },
    { enabled: tab === "done" || tab === "aborted" },
  )
  const list = tab === "done" || tab === "aborted" ? over : tab === "due" ? due : flying
  const start = writes && (
    <Button leftSection={<IconRefresh size={15} aria-hidden />} onClick={() => void setStarting(true)}>
      Start rotation
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Rotations"
        description="From one client secret to the next, with proof: the old one ends only when the log shows that it is no longer in use."
        actions={start}
      />
      <Tabs value={tab} onChange={(t) => void setTab(tabs.find((x) => x === t) ?? null)} keepMounted={false}>
        <Tabs.List mb="md" aria-label="Rotations by state">
          <Tabs.Tab value="due">Due{counted(due)}</Tabs.Tab>
          <Tabs.Tab value="running">Running{counted(flying)}</Tabs.Tab>
          <Tabs.Tab value="done">Done</Tabs.Tab>
          <Tabs.Tab value="aborted">Aborted</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={tab}>
          <Panel flush>
            <DataTable
              label={`Rotations: ${tab}`}
              rows={list.rows}
              rowKey={(r) => r.id}
              href={(r) => `/rotations/${r.id}`}
              error={list.error}
              retry={list.retry}
              more={list.more}
              columns={columns}
              empty={empty[tab](start)}
            />
          </Panel>
        </Tabs.Panel>
      </Tabs>
      {starting && writes && <ChooseClient onClose={() => void setStarting(null)} />}
    </>
  )
}

const counted = ({ rows, more }: ReturnType<typeof usePages<RotationView>>): string =>
  rows && rows.length > 0 ? ` (${rows.length}${more.has ? "+" : ""})` : ""

const empty = {
  due: () => (
    <EmptyState title="Nothing waits for you">
      Deliveries to make, confirmations to give, stuck rotations, overdue retirements and clients without a secret stand
      here.
    </EmptyState>
  ),
  running: (start: ReactNode) => (
    <EmptyState title="No rotation is running" action={start}>
      A rotation issues a new secret, proves it with a real token, hands it over once, and watches until the old one is
      unused.
    </EmptyState>
  ),
  done: () => (
    <EmptyState title="No rotation is done yet">A finished rotation stays here with its evidence.</EmptyState>
  ),
  aborted: () => (
    <EmptyState title="None was aborted">An aborted rotation removed its new secret and kept the old one.</EmptyState>
  ),
}

const columns: readonly Column<RotationView>[] = [
  {
    key: "client",
    header: "Client",
    cell: (r) => (
      <>
        <Text
          component={Link}
          href={`/rotations/${r.id}`}
          fz="inherit"
          fw={500}
          c="inherit"
          style={{ textDecoration: "none" }}
        >
          {r.client}
        </Text>
        <Text size="xs" c="dimmed">
          on {r.provider}
        </Text>
      </>
    ),
  },
  {
    key: "state",
    header: "State",
    cell: (r) => (
      <>
        <StateBadge rotation={r} />
        {standing(r) && (
          <Text size="xs" c="dimmed" maw={320}>
            {standing(r)}
          </Text>
        )}
      </>
    ),
  },
  { key: "strategy", header: "Strategy", cell: (r) => (r.strategy === "overlap" ? "overlap" : "in place") },
  { key: "grade", header: "Evidence", cell: (r) => `grade ${r.evidence_grade}` },
  {
    key: "until",
    header: "Overlap ends",
    cell: (r) => (
      <TimeText
        at={r.grace_until}
        absent={r.strategy === "in_place" ? "in place nothing overlaps" : "the overlap has not begun"}
      />
    ),
  },
  { key: "by", header: "By", cell: (r) => r.created_by },
  { key: "when", header: "Started", cell: (r) => <TimeText at={r.created_at} /> },
]
