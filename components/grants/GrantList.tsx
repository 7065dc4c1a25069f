"use client"

import { Button, TextInput } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { useState, type ReactNode } from "react"
import type { LastUse } from "../../lib/events/last-use.ts"
import type { GrantView } from "../../lib/registry/schema.ts"
import { api, queryString } from "../api.ts"
import { GrantTable } from "../registry/GrantTable.tsx"
import { useProviders } from "../registry/useProviders.ts"
import { useMay } from "../shell/viewer.tsx"
import { Choice } from "../ui/Choice.tsx"
import type { Column } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FilterBar, pillWith } from "../ui/FilterBar.tsx"
import { NoMatch } from "../ui/NoMatch.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Absent, TimeText } from "../ui/TimeText.tsx"
import { usePages } from "../ui/usePages.ts"

const GrantDialog = dynamic(() => import("../registry/GrantDialog.tsx").then((m) => m.GrantDialog), { ssr: false })

const states = ["active", "ending", "expired"] as const
const stateWords = { active: "Active", ending: "Ending in 14 days", expired: "Past its end" } as const
const sorts = ["client", "-client", "audience", "-audience", "created_at", "-created_at", "expires_at"] as const
const filters = {
  q: parseAsString,
  client: parseAsString,
  audience: parseAsString,
  scope: parseAsString,
  provider: parseAsString,
  owner: parseAsString,
  state: parseAsStringLiteral(states),
  sort: parseAsStringLiteral(sorts).withDefault("client"),
}
const none = { q: null, client: null, audience: null, scope: null, provider: null, owner: null, state: null }

/** Who may call whom: one row per client and audience. */
export function GrantList({ views }: { views: ReactNode }) {
  const [f, set] = useQueryStates(filters, { history: "replace" })
  const [adding, setAdding] = useState(false)
  const writes = useMay("registry:write")
  const reads = useMay("events:read")
  const providers = useProviders()
  const list = usePages<GrantView>("/grants", f)
  const pairs = list.rows?.length ?? 0
  const uses = useQuery({
    queryKey: ["/events/last-use", f, pairs],
    enabled: reads && pairs > 0,
    queryFn: ({ signal }) =>
      api<{ readonly items: readonly LastUse[] }>(
        `/events/last-use${queryString({ client: [...new Set((list.rows ?? []).map((g) => g.client))].slice(0, 200) })}`,
        { signal },
      ),
  })
  const used = new Map((uses.data?.items ?? []).map((u) => [`${u.client} ${u.audience}`, u.at]))
  const lastUsed: Column<GrantView> = {
    key: "used",
    header: "Last used",
    cell: (g) => {
      const at = used.get(`${g.client} ${g.audience}`)
      return at ? <TimeText at={at} /> : <Absent why="no event in the last 30 days" />
    },
  }

  const pill = pillWith(set)
  const pills = [
    ...pill("Client", f.client, { client: null }),
    ...pill("Audience", f.audience, { audience: null }),
    ...pill("Scope", f.scope, { scope: null }),
    ...pill("Provider", f.provider && providers.nameOf(f.provider), { provider: null }),
    ...pill("Owner", f.owner, { owner: null }),
    ...pill("State", f.state && stateWords[f.state], { state: null }),
  ]
  const add = writes && (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
      New grant
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Grants"
        description="Which client may ask for which scopes of which audience, for what reason, until when."
        actions={
          <>
            {add}
            {views}
          </>
        }
      />
      <Panel flush>
        <FilterBar
          search={{
            value: f.q ?? "",
            set: (q) => void set({ q: q || null }),
            placeholder: "Filter by client, audience or reason",
          }}
          pills={pills}
          clear={() => void set(none)}
        >
          <Choice
            aria-label="State"
            any="Any state"
            size="xs"
            w={170}
            data={states.map((s) => ({ value: s, label: stateWords[s] }))}
            value={f.state}
            onChange={(s) => void set({ state: states.find((x) => x === s) ?? null })}
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
          <TextInput
            aria-label="Scope"
            placeholder="Exact scope, then Enter"
            size="xs"
            w={180}
            onKeyDown={(e) => {
              if (e.key === "Enter") {
                void set({ scope: e.currentTarget.value.trim() || null })
                e.currentTarget.value = ""
              }
            }}
          />
        </FilterBar>
        <GrantTable
          rows={list.rows}
          sort={f.sort}
          onSort={(s) => void set({ sort: sorts.find((x) => x === s) ?? null })}
          error={list.error}
          retry={list.retry}
          more={list.more}
          extra={uses.data ? [lastUsed] : []}
          empty={
            pills.length > 0 || f.q ? (
              <NoMatch what="grants" clear={() => void set(none)} />
            ) : (
              <EmptyState title="No grant yet" action={add}>
                Register a client and an audience first. A grant joins them: these scopes, for this reason.
              </EmptyState>
            )
          }
        />
      </Panel>
      {adding && <GrantDialog onClose={() => setAdding(false)} />}
    </>
  )
}
