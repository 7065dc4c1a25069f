"use client"

import type { ReactNode } from "react"
import type { EventItem } from "../../lib/events/item.ts"
import { DataTable } from "../ui/DataTable.tsx"
import { absolute } from "../ui/time.ts"
import { useZone } from "../ui/zone.tsx"
import classes from "./Audit.module.css"
import { eventWord, Result, Scopes, Took, Word } from "./eventCells.tsx"
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
    <DataTable
      label="Token events" rows={items} rowKey={(e) => e.id} onOpen={(e) => onOpen(e.id)} openKey={open} error={error} retry={retry} more={more} empty={empty}
      columns={[
        { key: "at", header: `Time (${zone.name})`, width: 168, cell: (e) => <time dateTime={e.timestamp} title={e.timestamp} style={{ whiteSpace: "nowrap" }} {...{ [keyOf]: e.id }}>{fresh.has(e.id) && <span className={classes.fresh} title="came while this page was open" aria-label="new" role="img" />}{absolute(e.timestamp, zone.name).replace(/ \d{4} /, " ")}</time> },
        { key: "event", header: "Event", width: 84, cell: (e) => eventWord(e.event) },
        { key: "result", header: "Result", width: 150, cell: (e) => <Result event={e} /> },
        { key: "client", header: "Client", cell: (e) => <Word>{e.client_id}</Word> },
        { key: "audience", header: "Audience", cell: (e) => <Word>{e.audience}</Word> },
        { key: "scopes", header: "Scopes", cell: (e) => <Scopes scopes={e.scopes} /> },
        { key: "resource", header: "Resource", cell: (e) => <Word>{e.resource}</Word> },
        { key: "took", header: "Took", align: "right", width: 70, cell: (e) => <Took ms={e.duration_ms} /> },
      ]}
    />
  )
}
