"use client"

import { Anchor, Button, Group, Text } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import Link from "next/link"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { api, type Page } from "../api.ts"
import { useMakePlan } from "../plans/usePlan.ts"
import { Place } from "../registry/Place.tsx"
import { useMay } from "../shell/viewer.tsx"
import { DataTable, type Column } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { LinkButton } from "../ui/LinkButton.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { duration } from "../ui/time.ts"
import { Absent, TimeText } from "../ui/TimeText.tsx"
import { ProviderStatus } from "./ProviderStatus.tsx"
import { readsNow, useDrift, useReadNow } from "./useProvider.ts"

export function ProviderList() {
  const writes = useMay("providers:write")
  const plans = useMay("plans:write")
  const read = useReadNow()
  const make = useMakePlan()
  const list = useQuery({
    queryKey: ["/providers", "list"],
    queryFn: ({ signal }) => api<Page<ProviderWire>>("/providers?limit=200", { signal }),
    refetchInterval: (query) => (query.state.data?.items.some(readsNow) ? 1_500 : 15_000),
  })
  const connect = (
    <LinkButton href="/providers/new" leftSection={<IconPlus size={15} aria-hidden />}>
      Connect provider
    </LinkButton>
  )
  const acts: Column<ProviderWire> = {
    key: "acts",
    header: "Actions",
    align: "right",
    cell: (p) => (
      <Group gap={6} justify="flex-end" wrap="nowrap">
        {plans && (
          <Button
            size="compact-xs"
            variant="default"
            loading={readsNow(p)}
            onClick={() => read.mutate(p.id)}
            aria-label={`Read now: ${p.name}`}
          >
            Read now
          </Button>
        )}
        {plans && (
          <Button
            size="compact-xs"
            variant="default"
            loading={make.isPending && make.variables.provider_ids[0] === p.id}
            onClick={() => make.mutate({ provider_ids: [p.id] })}
            aria-label={`Plan: ${p.name}`}
          >
            Plan
          </Button>
        )}
      </Group>
    ),
  }
  return (
    <>
      <PageHeader
        title="Providers"
        description="The identity providers that Grantry keeps in line with the registry."
        actions={writes && connect}
      />
      {make.error && (
        <Group mb="md">
          <ErrorPanel error={make.error} title="No plan was made" />
        </Group>
      )}
      <Panel flush>
        <DataTable
          label="Providers"
          rows={list.data?.items}
          rowKey={(p) => p.id}
          href={(p) => `/providers/${p.id}`}
          error={list.error}
          retry={() => void list.refetch()}
          columns={[...columns, acts]}
          empty={
            <EmptyState title="No provider is connected" action={writes && connect}>
              Clients, audiences and grants are planned here and applied at a provider. Connecting one writes nothing
              there.
            </EmptyState>
          }
        />
      </Panel>
    </>
  )
}

const columns: readonly Column<ProviderWire>[] = [
  {
    key: "name",
    header: "Provider",
    cell: (p) => (
      <>
        <Text
          component={Link}
          href={`/providers/${p.id}`}
          fz="inherit"
          fw={500}
          c="inherit"
          style={{ textDecoration: "none" }}
        >
          {p.name}
        </Text>
        <Text size="xs" c="dimmed">
          <Place of={p} />
        </Text>
      </>
    ),
  },
  {
    key: "status",
    header: "Status",
    cell: (p) => (
      <>
        <ProviderStatus provider={p} />
        {p.status_why && (
          <Text size="xs" c="dimmed">
            {p.status_why}
          </Text>
        )}
      </>
    ),
  },
  {
    key: "latency",
    header: "Answers in",
    align: "right",
    cell: (p) => (p.latency_ms === null ? <Absent why="not measured" /> : duration(p.latency_ms)),
  },
  {
    key: "read",
    header: "Last read",
    cell: (p) => (
      <>
        <TimeText at={p.last_read_at} absent="never read" />
        {p.last_read_error && (
          <Text size="xs" c="var(--fail)">
            {p.last_read_error}
          </Text>
        )}
      </>
    ),
  },
  { key: "drift", header: "Drift", cell: (p) => <DriftCount provider={p} /> },
  { key: "issuer", header: "Issuer", cell: (p) => <code>{p.issuer}</code> },
]

export function DriftCount({ provider }: { provider: ProviderWire }) {
  const drift = useDrift(provider.id)
  if (drift.error) return <Absent why="drift could not be asked for" />
  if (!drift.data)
    return (
      <Text span c="dimmed" size="xs">
        …
      </Text>
    )
  if (provider.last_read_at === null) return <Absent why="never read: nothing is known" />
  const n = drift.data.items.length
  if (n === 0 && provider.last_read_error !== null) return <Absent why="not known: the last read failed" />
  if (n === 0) return <StatusBadge tone="pass">none</StatusBadge>
  return (
    <Anchor component={Link} href={`/providers/${provider.id}?tab=drift`}>
      <StatusBadge tone="warn">{`${drift.data.next === null ? n : `${n}+`} ${n === 1 ? "item" : "items"}`}</StatusBadge>
    </Anchor>
  )
}
