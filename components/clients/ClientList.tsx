"use client"

import { Button, Group, Text } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import Link from "next/link"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import type { ClientListItem } from "../../lib/registry/clients/queries.ts"
import { useProviders } from "../registry/useProviders.ts"
import { useMay } from "../shell/viewer.tsx"
import { Choice } from "../ui/Choice.tsx"
import { DataTable, type Column } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FilterBar, pillWith } from "../ui/FilterBar.tsx"
import { NoMatch } from "../ui/NoMatch.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Pick } from "../ui/Pick.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { usePages } from "../ui/usePages.ts"

const states = ["enabled", "disabled", "unplaced", "ungranted"] as const
const stateWords: Readonly<Record<(typeof states)[number], string>> = {
  enabled: "Enabled",
  disabled: "Disabled",
  unplaced: "Waiting for an apply",
  ungranted: "Without a grant",
}
const sorts = ["name", "-name", "owner", "-owner", "created_at", "-created_at", "updated_at", "-updated_at"] as const

const filters = {
  q: parseAsString,
  owner: parseAsString,
  provider: parseAsString,
  tag: parseAsString,
  audience: parseAsString,
  state: parseAsStringLiteral(states),
  sort: parseAsStringLiteral(sorts).withDefault("name"),
}
const none = { q: null, owner: null, provider: null, tag: null, audience: null, state: null }

export function ClientList({ owners }: { owners: readonly string[] }) {
  const [f, set] = useQueryStates(filters, { history: "replace" })
  const providers = useProviders()
  const writes = useMay("registry:write")
  const list = usePages<ClientListItem>("/clients", f)
  const pill = pillWith(set)
  const pills = [
    ...pill("Owner", f.owner, { owner: null }),
    ...pill("Provider", f.provider && providers.nameOf(f.provider), { provider: null }),
    ...pill("State", f.state && stateWords[f.state], { state: null }),
    ...pill("Tag", f.tag, { tag: null }),
    ...pill("Audience", f.audience, { audience: null }),
  ]
  const filtered = pills.length > 0 || !!f.q
  const fresh = (
    <Button component={Link} href="/clients/new" leftSection={<IconPlus size={15} aria-hidden />}>
      New client
    </Button>
  )

  return (
    <>
      <PageHeader
        title="Clients"
        description="Services that authenticate as themselves. Each has a client_id of its own."
        actions={writes && fresh}
      />
      <Panel flush>
        <FilterBar
          search={{ value: f.q ?? "", set: (q) => void set({ q: q || null }), placeholder: "Filter by name or owner" }}
          pills={pills}
          clear={() => void set(none)}
        >
          <Pick
            aria-label="Owner"
            placeholder="Owner"
            size="xs"
            w={160}
            options={owners.map((o) => ({ value: o, label: o }))}
            value={f.owner}
            onChange={(owner) => void set({ owner })}
            nothing="No such owner"
          />
          <Choice
            aria-label="Provider"
            any="Any provider"
            size="xs"
            w={160}
            data={providers.items.map((p) => ({ value: p.id, label: p.name }))}
            value={f.provider}
            onChange={(provider) => void set({ provider })}
          />
          <Choice
            aria-label="State"
            any="Any state"
            size="xs"
            w={170}
            data={states.map((s) => ({ value: s, label: stateWords[s] }))}
            value={f.state}
            onChange={(s) => void set({ state: states.find((x) => x === s) ?? null })}
          />
        </FilterBar>
        <DataTable
          label="Clients"
          rows={list.rows}
          rowKey={(c) => c.id}
          href={(c) => `/clients/${c.id}`}
          sort={f.sort}
          onSort={(s) => void set({ sort: sorts.find((x) => x === s) ?? null })}
          error={list.error}
          retry={list.retry}
          more={list.more}
          columns={columns(providers.nameOf)}
          empty={
            filtered ? (
              <NoMatch what="clients" clear={() => void set(none)} />
            ) : (
              <EmptyState title="No client yet" action={writes && fresh}>
                Register the services that call your APIs. Grantry pushes them to every provider, and you see who calls
                what.
              </EmptyState>
            )
          }
        />
      </Panel>
    </>
  )
}

const columns = (nameOf: (id: string) => string): readonly Column<ClientListItem>[] => [
  {
    key: "name",
    header: "Client",
    sort: "name",
    cell: (c) => (
      <>
        <Text
          component={Link}
          href={`/clients/${c.id}`}
          fz="inherit"
          fw={500}
          c="inherit"
          style={{ textDecoration: "none" }}
        >
          {c.name}
        </Text>
        {c.display_name !== c.name && (
          <Text size="xs" c="dimmed">
            {c.display_name}
          </Text>
        )}
      </>
    ),
  },
  { key: "owner", header: "Owner", sort: "owner", cell: (c) => c.owner },
  {
    key: "state",
    header: "State",
    cell: (c) => <ClientState client={c} waiting={c.provider_ids.some((p) => !c.placed_on.includes(p))} />,
  },
  {
    key: "providers",
    header: "Providers",
    cell: (c) => (
      <Group gap={6}>
        {c.provider_ids.map((p) => (
          <Text key={p} span fz="inherit" c={c.placed_on.includes(p) ? "inherit" : "dimmed"}>
            {nameOf(p)}
            {c.placed_on.includes(p) ? "" : " (waiting)"}
          </Text>
        ))}
      </Group>
    ),
  },
  { key: "grants", header: "Grants", align: "right", cell: (c) => c.grant_count },
  { key: "auth", header: "Authentication", cell: (c) => <code>{c.auth_method}</code> },
  { key: "updated_at", header: "Changed", sort: "updated_at", cell: (c) => <TimeText at={c.updated_at} /> },
]

export function ClientState({ client, waiting }: { client: { enabled: boolean }; waiting: boolean }) {
  if (!client.enabled) return <StatusBadge tone="fail">disabled</StatusBadge>
  return waiting ? (
    <StatusBadge tone="warn" title="Wanted on a provider where it is not yet">
      waiting for an apply
    </StatusBadge>
  ) : (
    <StatusBadge tone="pass">enabled</StatusBadge>
  )
}
