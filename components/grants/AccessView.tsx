"use client"

import { Button, Group, Skeleton, Text } from "@mantine/core"
import dynamic from "next/dynamic"
import { useState, type ReactNode } from "react"
import { dayMs } from "../../lib/base/time.ts"
import { useSources } from "../audit/useSources.ts"
import { watermarkOf } from "../audit/watermark.ts"
import { WatermarkLine } from "../audit/WatermarkLine.tsx"
import { useProviders } from "../registry/useProviders.ts"
import { Choice } from "../ui/Choice.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { FilterBar, type Pill } from "../ui/FilterBar.tsx"
import { NoMatch } from "../ui/NoMatch.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Pick } from "../ui/Pick.tsx"
import classes from "./Access.module.css"
import { AccessMatrix } from "./AccessMatrix.tsx"
import { useAccess, type AccessFilters } from "./useAccess.ts"
import { pairStateNames, stateWords, wordOf } from "./words.ts"

const PairPanel = dynamic(() => import("./PairPanel.tsx").then((m) => m.PairPanel), { ssr: false })
const AccessGraph = dynamic(() => import("./AccessGraph.tsx").then((m) => m.AccessGraph), {
  ssr: false,
  loading: () => <Skeleton height={400} />,
})

const cleared = { q: null, client: null, audience: null, provider: null, owner: null, seen: null, after: null }

/** Granted against observed, as a matrix or as a graph. */
export function AccessView({ view, views }: { view: "matrix" | "graph"; views: ReactNode }) {
  const { f, set, page } = useAccess(50)
  const providers = useProviders()
  const sources = useSources()
  const [nowMs] = useState(() => Date.now())
  const sinceMs = page.data ? Date.parse(page.data.since) : nowMs - f.days * dayMs
  const mark = watermarkOf(sources.data?.items ?? [], sinceMs)
  const complete = mark.completeUntil !== null && mark.gaps.length === 0
  const filter = (change: Partial<AccessFilters>) => void set({ ...change, after: null })
  const pill = (field: string, value: string | null, clear: Partial<AccessFilters>): Pill[] =>
    value === null ? [] : [{ field, value, remove: () => filter(clear) }]
  const pills = [
    ...pill("Client", f.client, { client: null }),
    ...pill("Audience", f.audience, { audience: null }),
    ...pill("State", f.seen && stateWords[f.seen].name, { seen: null }),
    ...pill("Provider", f.provider && providers.nameOf(f.provider), { provider: null }),
    ...pill("Owner", f.owner, { owner: null }),
  ]
  const clear = () => void set(cleared)
  const open = (client: string, audience: string) => void set({ pair_client: client, pair_audience: audience })
  const found = page.data
  return (
    <>
      <PageHeader title="Grants" description={<WatermarkLine sinceMs={sinceMs} />} actions={views} />
      <Panel flush>
        <FilterBar
          search={{ value: f.q ?? "", set: (q) => filter({ q: q || null }), placeholder: "Filter by client or owner" }}
          pills={pills}
          clear={clear}
        >
          <Choice
            aria-label="State"
            any="Any state"
            size="xs"
            w={190}
            data={pairStateNames.map((s) => ({ value: s, label: stateWords[s].name }))}
            value={f.seen}
            onChange={(s) => filter({ seen: pairStateNames.find((x) => x === s) ?? null })}
          />
          <Pick
            aria-label="Audience"
            placeholder="Audience"
            size="xs"
            w={220}
            options={Object.keys(found?.audiences ?? {})
              .sort()
              .map((a) => ({ value: a, label: a }))}
            value={f.audience}
            onChange={(audience) => filter({ audience })}
            nothing="No such audience on this page"
          />
          <Choice
            aria-label="Provider"
            any="Any provider"
            size="xs"
            w={150}
            data={providers.items.map((p) => ({ value: p.id, label: p.name }))}
            value={f.provider}
            onChange={(provider) => filter({ provider })}
          />
          <Choice
            aria-label="How far back"
            size="xs"
            w={130}
            data={[7, 30, 90].map((d) => ({ value: String(d), label: `Last ${d} days` }))}
            value={String(f.days)}
            onChange={(d) => void set({ days: Number(d ?? 30), after: null })}
          />
        </FilterBar>
        <div className={classes.legend}>
          {pairStateNames.map((s) => {
            const word = wordOf(s, complete)
            return (
              <span key={s} title={word.says} className={classes.chip} data-tone={word.tone}>
                {view === "matrix" ? <b aria-hidden>{word.mark}</b> : <i data-state={s} aria-hidden />}
                {word.name}
              </span>
            )
          })}
        </div>
        {page.error && !found ? (
          <ErrorPanel error={page.error} retry={() => void page.refetch()} />
        ) : !found ? (
          <Skeleton height={400} />
        ) : found.items.length === 0 && found.next !== null ? (
          <EmptyState title="None among these clients">
            So many were looked at for this page. The next one goes on.
          </EmptyState>
        ) : found.items.length === 0 ? (
          pills.length > 0 || f.q ? (
            <NoMatch what="pairs of client and audience" clear={clear} />
          ) : (
            <EmptyState title="Nobody calls anybody yet">
              Grants stand here beside what services were seen to do: what is granted and never used, and what is used
              and was never granted.
            </EmptyState>
          )
        ) : view === "matrix" ? (
          <AccessMatrix page={found} complete={complete} open={open} />
        ) : (
          <AccessGraph
            page={found}
            complete={complete}
            open={open}
            choose={(side, name) =>
              void set(
                side === "client"
                  ? { client: name, audience: null, after: null }
                  : { audience: name, client: null, after: null },
              )
            }
          />
        )}
        {found && (found.next !== null || f.after !== null) && (
          <Group justify="space-between" px="md" py={8}>
            <Text size="xs" c="dimmed">
              {found.items.length} clients on this page, by name
            </Text>
            <Group gap="xs">
              <Button size="xs" variant="default" disabled={f.after === null} onClick={() => void set({ after: null })}>
                First page
              </Button>
              <Button
                size="xs"
                variant="default"
                disabled={found.next === null}
                onClick={() => void set({ after: found.next })}
              >
                Next page
              </Button>
            </Group>
          </Group>
        )}
      </Panel>
      {f.pair_client !== null && f.pair_audience !== null && found && (
        <PairPanel
          page={found}
          days={f.days}
          client={f.pair_client}
          audience={f.pair_audience}
          complete={complete}
          close={() => void set({ pair_client: null, pair_audience: null })}
        />
      )}
    </>
  )
}
