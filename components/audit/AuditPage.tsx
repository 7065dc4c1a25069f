"use client"

import { Button, Text } from "@mantine/core"
import { useWindowScroll } from "@mantine/hooks"
import dynamic from "next/dynamic"
import { parseAsString, useQueryState, useQueryStates } from "nuqs"
import { useEffect, useEffectEvent, useMemo, useState } from "react"
import { Histogram } from "../charts/Histogram.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FilterBar } from "../ui/FilterBar.tsx"
import { useKeys } from "../ui/keys.ts"
import { NoMatch } from "../ui/NoMatch.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { AddFilter } from "./AddFilter.tsx"
import classes from "./Audit.module.css"
import { AuditTools, LiveSwitch } from "./AuditTools.tsx"
import { EventTable } from "./EventTable.tsx"
import { FacetList } from "./FacetList.tsx"
import { apiQuery, fieldNames, filterFields, isFiltered, noFilters, toggled, type FilterField } from "./filter.ts"
import { FirstEvent } from "./FirstEvent.tsx"
import { keyOf } from "./keyOf.ts"
import { filterParams } from "./params.ts"
import { RangePicker } from "./RangePicker.tsx"
import { SavedSearches } from "./SavedSearches.tsx"
import { useEvents } from "./useEvents.ts"
import { useRange } from "./useRange.ts"
import { nothingYet, useSources } from "./useSources.ts"
import { useTail } from "./useTail.ts"
import { gapsOf } from "./watermark.ts"
import { WatermarkLine } from "./WatermarkLine.tsx"

const EventPanel = dynamic(() => import("./EventPanel.tsx").then((m) => m.EventPanel), { ssr: false })

/** Token events: filter, histogram, facets, rows and one event in detail. All that is chosen stands in the URL. */
export function AuditPage({ publicUrl }: { publicUrl: string }) {
  const range = useRange()
  const [filters, set] = useQueryStates(filterParams, { history: "push" })
  const [q, setQ] = useQueryState(
    "q",
    parseAsString.withDefault("").withOptions({ history: "replace", clearOnDefault: true }),
  )
  const [row, setRow] = useQueryState("row", parseAsString.withOptions({ history: "push" }))
  const [live, setLive] = useState(false)
  const [scroll, scrollTo] = useWindowScroll()
  const query = useMemo(() => apiQuery(filters, q, range.window), [filters, q, range.window])
  const { rows, histogram, facets } = useEvents(query)
  const tailing = live && range.window.relative
  const tail = useTail(tailing, row !== null || scroll.y > 240, query)

  const sources = useSources()
  const first = useFirst(nothingYet(sources.data?.items), range.refresh)

  const found = rows.data?.pages.flatMap((p) => p.items)
  const items =
    found && (tailing ? [...tail.shown, ...found.filter((f) => !tail.shown.some((t) => t.id === f.id))] : found)
  const openRow = (id: string | null) => void setRow(id, { history: row === null || id === null ? "push" : "replace" })
  const close = () => {
    const id = row
    openRow(null)
    if (id !== null)
      requestAnimationFrame(() =>
        document
          .querySelector<HTMLElement>(`[${keyOf}="${CSS.escape(id)}"]`)
          ?.closest("tr")
          ?.focus(),
      )
  }
  const step = (by: 1 | -1) => {
    const at = items?.findIndex((i) => i.id === row) ?? -1
    const next = items?.[at + by]
    if (next && at !== -1) openRow(next.id)
    else if (at !== -1 && by === 1 && rows.hasNextPage) void rows.fetchNextPage()
  }
  useKeys(row === null ? {} : { Escape: close, "]": () => step(1), "[": () => step(-1) })

  const change = (field: FilterField, values: string[] | null) => void set({ [field]: values })
  const add = (field: FilterField, value: string) => {
    if (!filters[field].includes(value)) change(field, [...filters[field], value])
  }
  const clear = () => {
    void set(noFilters)
    void setQ(null)
  }
  const sourceName = (id: string) => sources.data?.items.find((s) => s.id === id)?.name ?? id
  const pills = [
    ...fieldNames.flatMap((field) =>
      filters[field].map((value) => ({
        field: filterFields[field],
        value: field === "source" ? sourceName(value) : value,
        remove: () => change(field, toggled(filters[field], value)),
      })),
    ),
    ...(q.trim() === "" ? [] : [{ field: "Text", value: q.trim(), remove: () => void setQ(null) }]),
  ]
  const buckets = histogram.data?.buckets.map((b) => ({ atMs: Date.parse(b.at), ...b.counts })) ?? []
  const gaps = gapsOf(sources.data?.items ?? [], range.window.fromMs)
  const success = buckets.reduce((sum, b) => sum + b.success, 0)
  const failure = buckets.reduce((sum, b) => sum + b.failure, 0)

  if (first !== "past" && !isFiltered(filters, q))
    return (
      <>
        <PageHeader title="Audit" description="Token events: who called what, with which scopes, and what failed." />
        <Panel>
          <FirstEvent publicUrl={publicUrl} arrived={first === "arrived"} />
        </Panel>
      </>
    )
  return (
    <>
      <PageHeader
        title="Audit"
        description={<WatermarkLine sinceMs={range.window.fromMs} />}
        actions={
          <>
            <LiveSwitch on={live} set={setLive} possible={range.window.relative} state={tail.state} />
            <RangePicker range={range} />
            <SavedSearches />
            <AuditTools query={query} publicUrl={publicUrl} freeze={range.window.relative ? range.freeze : null} />
          </>
        }
      />
      <Panel flush>
        <FilterBar
          search={{
            value: q,
            set: (text) => void setQ(text || null),
            placeholder: "Text in any field",
          }}
          pills={pills}
          clear={clear}
        >
          <AddFilter facets={facets.data} add={add} />
        </FilterBar>
        <div className={classes.chart}>
          <Histogram
            buckets={buckets}
            stepMs={(histogram.data?.step_seconds ?? 60) * 1_000}
            summary={histogram.data ? summaryOf(success, failure) : "…"}
            gaps={gaps}
            onZoom={range.setBetween}
            onZoomOut={range.zoomOut}
          />
        </div>
        <div className={classes.page}>
          <FacetList
            facets={facets.data}
            filters={filters}
            toggle={(field, value) => change(field, toggled(filters[field], value))}
          />
          <div style={{ minWidth: 0 }}>
            {tail.waiting > 0 && (
              <div className={classes.pill}>
                <Button
                  size="compact-sm"
                  onClick={() => {
                    tail.flush()
                    scrollTo({ y: 0 })
                  }}
                >
                  {tail.waiting >= 500 ? "500+" : tail.waiting} new
                </Button>
              </div>
            )}
            {tail.skipped && (
              <Text size="xs" c="dimmed" px="sm" pt={6}>
                More events came than a page can follow; the table shows some of them. The search finds all.
              </Text>
            )}
            <EventTable
              items={items}
              fresh={new Set(tail.shown.map((t) => t.id))}
              open={row}
              onOpen={openRow}
              error={rows.error}
              retry={() => void rows.refetch()}
              more={{ has: rows.hasNextPage, load: () => void rows.fetchNextPage(), loading: rows.isFetchingNextPage }}
              empty={
                isFiltered(filters, q) ? (
                  <NoMatch
                    what="events"
                    clear={clear}
                    verb={pills.length === 1 ? `Drop ${pills[0]?.field} is ${pills[0]?.value}` : "Drop all filters"}
                  />
                ) : (
                  <EmptyState
                    title="No event in this time"
                    action={
                      <Button variant="default" onClick={range.zoomOut}>
                        Look at a longer time
                      </Button>
                    }
                  >
                    No connected source reported one. That is not proof that nothing happened: see above until when the
                    sources are complete.
                  </EmptyState>
                )
              }
            />
          </div>
        </div>
      </Panel>
      {row !== null && (
        <EventPanel id={row} step={step} open={openRow} close={close} filterFor={(field, value) => add(field, value)} />
      )}
    </>
  )
}

const n = new Intl.NumberFormat("en")
const summaryOf = (success: number, failure: number): string =>
  success + failure === 0
    ? "No event that says how it ended."
    : `${n.format(success + failure)} ${success + failure === 1 ? "event" : "events"}, ${failure === 0 ? "none failed" : `${n.format(failure)} failed (${((failure / (success + failure)) * 100).toFixed(1)} %)`}.`

/** `waiting` for the first event of all; `arrived` for a moment, so that the sign is seen turning green; then `past`. */
function useFirst(nothing: boolean, refresh: () => void): "waiting" | "arrived" | "past" {
  const [state, setState] = useState<"waiting" | "arrived" | "past">("past")
  const again = useEffectEvent(refresh)
  useEffect(() => {
    if (nothing) setState("waiting")
    else setState((was) => (was === "waiting" ? "arrived" : was))
  }, [nothing])
  useEffect(() => {
    if (state !== "arrived") return
    const timer = setTimeout(() => {
      again()
      setState("past")
    }, 2_500)
    return () => clearTimeout(timer)
  }, [state])
  return state
}
