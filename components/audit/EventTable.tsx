"use client"

import type { ReactNode } from "react"
import type { EventItem } from "../../lib/events/item.ts"
import { DataTable } from "../ui/DataTable.tsx"
import { absolute } from "../ui/time.ts"
import { useZone } from "../ui/zone.tsx"
import classes from "./Audit.module.css"
import { eventWord, Line, OwnCheck, Result, Scopes, Took } from "./eventCells.tsx"
import { keyOf } from "./keyOf.ts"

interface Props {
  readonly items: readonly EventItem[] | undefined
  /** Ids that came while looking. */
  readonly fresh: ReadonlySet<string>
  readonly open: string | null
  readonly onOpen: (id: string) => void
  readonly error: unknown
  readonly retry: () => void
  readonly more: { readonly has: boolean; readonly load: () => void; readonly loading: boolean }
  readonly empty: ReactNode
}

/** Rows of token events, newest first. */
export function EventTable({ items, fresh, open, onOpen, error, retry, more, empty }: Props) {
  const zone = useZone()
  return (
    <div className={classes.rows}>
      <DataTable
        label="Token events"
        rows={items}
        rowKey={(e) => e.id}
        onOpen={(e) => onOpen(e.id)}
        openKey={open}
        error={error}
        retry={retry}
        more={more}
        empty={empty}
        columns={[
          {
            key: "at",
            header: `Time (${zone.name})`,
            width: 148,
            cell: (e) => (
              <time dateTime={e.timestamp} title={e.timestamp} style={{ whiteSpace: "nowrap" }} {...{ [keyOf]: e.id }}>
                {fresh.has(e.id) && (
                  <span className={classes.fresh} title="came while this page was open" aria-label="new" role="img" />
                )}
                {absolute(e.timestamp, zone.name).replace(/ \d{4} /, " ")}
              </time>
            ),
          },
          { key: "event", header: "Event", width: 84, cell: (e) => eventWord(e.event) },
          {
            key: "result",
            header: "Result",
            width: 150,
            cell: (e) => (
              <>
                <Result event={e} />
                <div>
                  <OwnCheck event={e} />
                </div>
              </>
            ),
          },
          { key: "client", header: "Client", width: "20%", cell: (e) => <Line>{e.client_id}</Line> },
          { key: "audience", header: "Audience", width: "18%", cell: (e) => <Line>{e.audience}</Line> },
          { key: "scopes", header: "Scopes", width: "17%", cell: (e) => <Scopes scopes={e.scopes} /> },
          { key: "resource", header: "Resource", width: "16%", cell: (e) => <Line>{e.resource}</Line> },
          { key: "took", header: "Took", align: "right", width: 76, cell: (e) => <Took ms={e.duration_ms} /> },
        ]}
      />
    </div>
  )
}
