"use client"

import { SimpleGrid, Skeleton, Tabs } from "@mantine/core"
import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs"
import { useMemo } from "react"
import { apiQuery, unfiltered } from "../audit/filter.ts"
import { RangePicker } from "../audit/RangePicker.tsx"
import { useRange } from "../audit/useRange.ts"
import { useSources } from "../audit/useSources.ts"
import { gapsOf } from "../audit/watermark.ts"
import { WatermarkLine } from "../audit/WatermarkLine.tsx"
import { Choice } from "../ui/Choice.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { LinkButton } from "../ui/LinkButton.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { absolute } from "../ui/time.ts"
import { useNow } from "../ui/TimeText.tsx"
import { useZone } from "../ui/zone.tsx"
import { Activity } from "./Activity.tsx"
import { Health } from "./Health.tsx"
import { Lifecycle } from "./Lifecycle.tsx"
import { Servers } from "./Servers.tsx"
import { useInsights } from "./useInsights.ts"

const boards = ["health", "lifecycle", "clients", "servers"] as const
const words: Readonly<Record<(typeof boards)[number], string>> = {
  health: "OAuth health",
  lifecycle: "Token lifecycle",
  clients: "Client activity",
  servers: "Authorization servers",
}
const views = { health: Health, lifecycle: Lifecycle, clients: Activity, servers: Servers }

/** Four boards over the same range, the same filter and the same watermark. */
export function InsightsPage() {
  const range = useRange()
  const zone = useZone()
  const now = useNow()
  const [board, setBoard] = useQueryState(
    "board",
    parseAsStringLiteral(boards).withDefault("health").withOptions({ history: "push" }),
  )
  const [provider, setProvider] = useQueryState("provider", parseAsString)
  const query = useMemo(
    () => apiQuery({ ...unfiltered, provider: provider === null ? [] : [provider] }, "", range.window),
    [provider, range.window],
  )
  const insights = useInsights(query, range.window.relative)
  const sources = useSources()
  const data = insights.data
  const all = sources.data?.items ?? []
  const providers = [
    ...new Set(
      [...(data?.flow ?? []).map((f) => f.provider), ...(data?.latency ?? []).map((l) => l.provider), provider].filter(
        (p) => p !== null,
      ),
    ),
  ].sort()
  const View = views[board]
  return (
    <>
      <PageHeader
        title="Insights"
        description={<WatermarkLine sinceMs={range.window.fromMs} />}
        actions={
          <>
            <Choice
              size="xs"
              w={170}
              aria-label="Provider"
              any="Every provider"
              data={providers}
              value={provider}
              onChange={(p) => void setProvider(p)}
            />
            <RangePicker range={range} />
          </>
        }
      />
      <Tabs
        value={board}
        onChange={(b) => void setBoard(boards.find((x) => x === b) ?? null)}
        mb="md"
        keepMounted={false}
      >
        <Tabs.List aria-label="Boards">
          {boards.map((b) => (
            <Tabs.Tab key={b} value={b}>
              {words[b]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {boards.map((b) => (
          <Tabs.Panel key={b} value={b} pt="md">
            {insights.error && !data ? (
              <ErrorPanel error={insights.error} retry={() => void insights.refetch()} />
            ) : !data ? (
              <SimpleGrid cols={{ base: 1, md: 2 }}>
                {[0, 1, 2, 3].map((i) => (
                  <Skeleton key={i} height={250} radius={8} />
                ))}
              </SimpleGrid>
            ) : data.flow.length === 0 ? (
              <EmptyState
                title="No event in this time"
                action={
                  <LinkButton href="/audit" variant="default">
                    Go to the audit
                  </LinkButton>
                }
              >
                Once gateways, services and providers report what they issue and check, this page answers whether calls
                succeed, who makes them, and how each provider serves.
              </EmptyState>
            ) : (
              <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
                <View
                  data={data}
                  spoken={range.spoken}
                  nowMs={now || Date.parse(data.to)}
                  provider={provider}
                  sources={all}
                  gaps={gapsOf(all, range.window.fromMs)}
                  time={(ms) => absolute(new Date(ms).toISOString(), zone.name, { short: true })}
                />
              </SimpleGrid>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  )
}
