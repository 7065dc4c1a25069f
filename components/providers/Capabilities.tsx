"use client"

import { Skeleton, Stack } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { CapabilitiesWire } from "../../lib/providers/queries.ts"
import { api } from "../api.ts"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Table } from "../ui/Table.tsx"
import { Ports } from "./Ports.tsx"
import { Privileges } from "./Privileges.tsx"
import classes from "./providers.module.css"
import { Verified } from "./Verified.tsx"
import { isGeneric } from "./words.ts"

/** What can be done at this provider, how our words become its words, and what that was tried against. */
export function Capabilities({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["/providers", id, "capabilities"],
    queryFn: ({ signal }) => api<CapabilitiesWire>(`/providers/${id}/capabilities`, { signal }),
  })
  if (query.error && !query.data) return <ErrorPanel error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Skeleton height={220} radius={8} aria-label="Loading the capabilities" />
  const told = query.data
  return (
    <Stack gap="md">
      <Panel flush title="What can be done here">
        <Ports ports={told.items} />
      </Panel>
      <Mapping rows={told.mapping} title={told.title} />
      <Verified of={told} />
      <Privileges privileges={told.privileges} title={told.title} />
    </Stack>
  )
}

/** How our words become theirs. */
export function Mapping({ rows, title }: { rows: CapabilitiesWire["mapping"]; title: string }) {
  const there = isGeneric(title) ? "such a server" : title
  return (
    <Panel flush title={`What becomes what at ${there}`}>
      <div className={classes.wide} tabIndex={0} role="region" aria-label="Mapping">
        <Table style={{ minWidth: 560 }} space={6} aria-label={`Mapping to ${title}`}>
          <thead>
            <tr>
              <th scope="col">In Grantry</th>
              <th scope="col">At {there}</th>
              <th scope="col">What that means</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.ours}>
                <th style={{ fontWeight: 500 }} scope="row">
                  {row.ours}
                </th>
                <td>{row.theirs}</td>
                <td>{row.why}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      </div>
    </Panel>
  )
}
