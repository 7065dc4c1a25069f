"use client"

import { Anchor, Button, Text } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import Link from "next/link"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import type { AudienceListItem } from "../../lib/registry/audiences/queries.ts"
import { Scopes } from "../registry/GrantTable.tsx"
import { useMay } from "../shell/viewer.tsx"
import { DataTable } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FilterBar, pillWith } from "../ui/FilterBar.tsx"
import { NoMatch } from "../ui/NoMatch.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { duration } from "../ui/time.ts"
import { usePages } from "../ui/usePages.ts"

const sorts = [
  "identifier",
  "-identifier",
  "name",
  "-name",
  "created_at",
  "-created_at",
  "updated_at",
  "-updated_at",
] as const
const none = { q: null, scope: null, tag: null }
const scopesShown = 4

export function AudienceList() {
  const [f, set] = useQueryStates(
    {
      q: parseAsString,
      scope: parseAsString,
      tag: parseAsString,
      sort: parseAsStringLiteral(sorts).withDefault("identifier"),
    },
    { history: "replace" },
  )
  const writes = useMay("registry:write")
  const list = usePages<AudienceListItem>("/audiences", f)
  const pill = pillWith(set)
  const pills = [...pill("Scope", f.scope, { scope: null }), ...pill("Tag", f.tag, { tag: null })]
  const fresh = (
    <Button component={Link} href="/audiences/new" leftSection={<IconPlus size={15} aria-hidden />}>
      New audience
    </Button>
  )
  return (
    <>
      <PageHeader
        title="Audiences"
        description="The APIs that tokens are made for, and the scopes each of them owns."
        actions={writes && fresh}
      />
      <Panel flush>
        <FilterBar
          search={{
            value: f.q ?? "",
            set: (q) => void set({ q: q || null }),
            placeholder: "Filter by identifier or name",
          }}
          pills={pills}
          clear={() => void set(none)}
        />
        <DataTable
          label="Audiences"
          rows={list.rows}
          rowKey={(a) => a.id}
          href={(a) => `/audiences/${a.id}`}
          sort={f.sort}
          onSort={(s) => void set({ sort: sorts.find((x) => x === s) ?? null })}
          error={list.error}
          retry={list.retry}
          more={list.more}
          columns={[
            {
              key: "identifier",
              header: "Audience",
              sort: "identifier",
              cell: (a) => (
                <Anchor component={Link} href={`/audiences/${a.id}`} fz="inherit" fw={500} c="inherit">
                  {a.identifier}
                </Anchor>
              ),
            },
            { key: "name", header: "Name", sort: "name", cell: (a) => a.name },
            {
              key: "scopes",
              header: "Scopes",
              cell: (a) => (
                <>
                  <Scopes names={a.scopes.slice(0, scopesShown).map((s) => s.name)} />
                  {a.scopes.length > scopesShown && (
                    <Text size="xs" c="dimmed">
                      and {a.scopes.length - scopesShown} more
                    </Text>
                  )}
                </>
              ),
            },
            { key: "grants", header: "Granted clients", align: "right", cell: (a) => a.grant_count },
            { key: "ttl", header: "Token life", align: "right", cell: (a) => duration(a.token_ttl_seconds * 1_000) },
            {
              key: "format",
              header: "Format",
              cell: (a) => (a.token_format === "jwt" ? <code>{a.signing_alg}</code> : "opaque"),
            },
          ]}
          empty={
            pills.length > 0 || f.q ? (
              <NoMatch what="audiences" clear={() => void set(none)} />
            ) : (
              <EmptyState title="No audience yet" action={writes && fresh}>
                Register the APIs of your services. The identifier stands in <code>aud</code> of every token made for
                one.
              </EmptyState>
            )
          }
        />
      </Panel>
    </>
  )
}
