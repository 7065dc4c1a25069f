"use client"

import { Spotlight, spotlight, type SpotlightActionData } from "@mantine/spotlight"
import { IconApi, IconApps, IconPlus, IconSearch } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import { useDebouncedValue } from "@mantine/hooks"
import { useRouter } from "next/navigation"
import { useEffect, useState } from "react"
import type { AudienceView, ClientView } from "../../lib/registry/schema.ts"
import { api, queryString, type Page } from "../api.ts"
import type { Place } from "./navigation.ts"
import { useMay } from "./viewer.tsx"

/** Goes to pages and things, and opens forms. Nothing is ever carried out from here. */
export function Palette({ openings, places }: { openings: number; places: readonly Place[] }) {
  const router = useRouter()
  const [query, setQuery] = useState("")
  const [q] = useDebouncedValue(query.trim(), 150)
  const reads = useMay("registry:read")
  const writes = useMay("registry:write")
  const events = useMay("events:read")
  useEffect(() => {
    spotlight.open()
  }, [openings])

  const found = useQuery({
    queryKey: ["palette", q],
    enabled: reads && q.length > 1,
    queryFn: async ({ signal }) => {
      const search = queryString({ q, limit: 6 })
      const [clients, audiences] = await Promise.all([
        api<Page<ClientView>>(`/clients${search}`, { signal }),
        api<Page<AudienceView>>(`/audiences${search}`, { signal }),
      ])
      return { clients: clients.items, audiences: audiences.items }
    },
  })

  const fits = (text: string) => text.toLowerCase().includes(query.trim().toLowerCase())
  const go = (href: string) => () => router.push(href)
  const pages: SpotlightActionData[] = places
    .filter((p) => fits(p.label))
    .map((p) => ({ id: p.href, label: p.label, onClick: go(p.href), leftSection: <p.icon size={18} aria-hidden /> }))
  const acts: SpotlightActionData[] = writes
    ? [
        { id: "new-client", label: "New client", onClick: go("/clients/new") },
        { id: "new-audience", label: "New audience", onClick: go("/audiences/new") },
      ]
        .filter((a) => fits(a.label))
        .map((a) => ({ ...a, leftSection: <IconPlus size={18} aria-hidden /> }))
    : []
  const things: SpotlightActionData[] =
    q.length < 2
      ? []
      : [
          ...(found.data?.clients ?? []).map((c) => ({
            id: c.id,
            label: c.name,
            description: `${c.display_name} · client of ${c.owner}`,
            onClick: go(`/clients/${c.id}`),
            leftSection: <IconApps size={18} aria-hidden />,
          })),
          ...(found.data?.audiences ?? []).map((a) => ({
            id: a.id,
            label: a.identifier,
            description: `${a.name} · audience`,
            onClick: go(`/audiences/${a.id}`),
            leftSection: <IconApi size={18} aria-hidden />,
          })),
        ]
  const logs: SpotlightActionData[] =
    events && q.length > 3 && places.some((p) => p.href === "/audit")
      ? [
          {
            id: "trace",
            label: `Events with trace id ${q}`,
            onClick: go(`/audit${queryString({ trace_id: q })}`),
            leftSection: <IconSearch size={18} aria-hidden />,
          },
          {
            id: "jti",
            label: `Events with jti ${q}`,
            onClick: go(`/audit${queryString({ jti: q })}`),
            leftSection: <IconSearch size={18} aria-hidden />,
          },
        ]
      : []
  const groups = [
    { group: "Found", actions: things },
    { group: "Pages", actions: pages },
    { group: "Actions", actions: acts },
    { group: "Events", actions: logs },
  ].filter((g) => g.actions.length > 0)

  return (
    <Spotlight
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      filter={(_, actions) => actions}
      shortcut={null}
      nothingFound="Nothing found"
      scrollable
      maxHeight={420}
      searchProps={{
        placeholder: "Clients, audiences, pages",
        "aria-label": "Search or go to",
        leftSection: <IconSearch size={18} aria-hidden />,
      }}
      lockScroll={false}
      attributes={{ content: { "aria-label": "Search or go to" } }}
    />
  )
}
