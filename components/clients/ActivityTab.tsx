"use client"

import { useQuery } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import type { EventItem } from "../../lib/events/item.ts"
import { api, queryString, type Page } from "../api.ts"
import { Line, OwnCheck, Scopes } from "../audit/eventCells.tsx"
import { useMay } from "../shell/viewer.tsx"
import { DataTable } from "../ui/DataTable.tsx"
import { Denied } from "../ui/Denied.tsx"
import { duration } from "../ui/time.ts"
import { EmptyState } from "../ui/EmptyState.tsx"
import { LinkButton } from "../ui/LinkButton.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { Absent, TimeText } from "../ui/TimeText.tsx"
import classes from "./ActivityTab.module.css"

/** The last token events of a client (or on an audience) of the last 24 hours, newest first. */
export function ActivityTab({ client, audience }: { client?: string; audience?: string }) {
  const reads = useMay("events:read")
  const router = useRouter()
  const filter = { client_id: client, audience }
  const events = useQuery({
    queryKey: ["/events", filter],
    enabled: reads,
    queryFn: ({ signal }) => api<Page<EventItem>>(`/events${queryString({ ...filter, limit: 25 })}`, { signal }),
    refetchInterval: 10_000,
  })
  if (!reads) return <Denied permission="events:read" />
  const all = `/audit${queryString(filter)}`
  return (
    <Panel
      flush
      title="Last events, 24 hours"
      actions={
        <LinkButton href={all} variant="default">
          All in the audit
        </LinkButton>
      }
    >
      <DataTable
        label="Token events"
        rows={events.data?.items}
        rowKey={(e) => e.id}
        error={events.error}
        retry={() => void events.refetch()}
        onOpen={(e) => router.push(`/audit${queryString({ ...filter, row: e.id })}`)}
        columns={[
          { key: "at", header: "Time", cell: (e) => <TimeText at={e.timestamp} /> },
          {
            key: "event",
            header: "Event",
            cell: (e) => (
              <>
                {e.event.replace("token_", "")} <OwnCheck event={e} />
              </>
            ),
          },
          {
            key: "result",
            header: "Result",
            cell: (e) =>
              e.validation_result === "failure" ? (
                <StatusBadge tone="fail">{e.failure_reason ?? "failure"}</StatusBadge>
              ) : e.validation_result === "success" ? (
                <StatusBadge tone="pass">success</StatusBadge>
              ) : (
                <Absent why="the source does not say" />
              ),
          },
          client !== undefined
            ? {
                key: "audience",
                header: "Audience",
                cell: (e) => (
                  <div className={classes.narrow}>
                    <Line>{e.audience}</Line>
                  </div>
                ),
              }
            : {
                key: "client",
                header: "Client",
                cell: (e) => (
                  <div className={classes.narrow}>
                    <Line>{e.client_id}</Line>
                  </div>
                ),
              },
          {
            key: "scopes",
            header: "Scopes",
            cell: (e) => (
              <div className={classes.narrow}>
                <Scopes scopes={e.scopes} />
              </div>
            ),
          },
          {
            key: "resource",
            header: "Resource",
            cell: (e) => (
              <div className={classes.narrow}>
                <Line>{e.resource}</Line>
              </div>
            ),
          },
          {
            key: "duration",
            header: "Took",
            align: "right",
            cell: (e) => (e.duration_ms === null ? <Absent why="not in the event" /> : duration(e.duration_ms)),
          },
        ]}
        empty={
          <EmptyState
            title="No event in 24 hours"
            action={
              <LinkButton href={all} variant="default">
                Search further back
              </LinkButton>
            }
          >
            No connected source reported one. That is not proof that nothing happened: see how complete the sources are
            under Settings.
          </EmptyState>
        }
      />
    </Panel>
  )
}
