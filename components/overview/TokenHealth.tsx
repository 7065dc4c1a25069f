"use client"

import { Anchor, Group, Skeleton, Stack, Text } from "@mantine/core"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import Link from "next/link"
import type { Histogram } from "../../lib/events/histogram.ts"
import type { Insights } from "../../lib/events/series.ts"
import { api, queryString } from "../api.ts"
import { FlowBars } from "../charts/FlowBars.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Panel } from "../ui/Panel.tsx"
import classes from "./TokenHealth.module.css"

const hourMs = 3_600_000
const number = new Intl.NumberFormat("en")

/** The last hour: how many tokens were issued and accepted, how many not, and why. */
export function TokenHealth() {
  const health = useQuery({
    queryKey: ["overview", "health"],
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const now = Date.now()
      const range = queryString({ from: new Date(now - hourMs).toISOString(), to: new Date(now).toISOString() })
      const [insights, histogram] = await Promise.all([
        api<Insights>(`/events/insights${range}`, { signal }),
        api<Histogram>(`/events/histogram${range}`, { signal }),
      ])
      return { flow: insights.flow, buckets: histogram.buckets }
    },
  })
  if (health.error && !health.data)
    return (
      <Panel title="Tokens, last hour">
        <ErrorPanel error={health.error} retry={() => void health.refetch()} />
      </Panel>
    )
  const flow = health.data?.flow
  const count = (event: string, failed: boolean): number =>
    (flow ?? [])
      .filter((f) => f.event === event && (f.result === "failure") === failed)
      .reduce((sum, f) => sum + f.count, 0)
  const issued = count("token_issued", false),
    refused = count("token_issued", true),
    accepted = count("token_validated", false),
    rejected = count("token_validated", true)
  const reasons = new Map<string, number>()
  for (const f of flow ?? [])
    if (f.result === "failure") reasons.set(f.reason ?? "other", (reasons.get(f.reason ?? "other") ?? 0) + f.count)
  const worst = [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 5)
  return (
    <Panel title="Tokens, last hour">
      {!health.data ? (
        <Skeleton height={220} />
      ) : (
        <Stack gap="md">
          <div className={classes.numbers}>
            <Figure label="Issued" value={issued} href="/audit?since=1h&event=token_issued&result=success" />
            <Figure
              label="Refused"
              value={refused}
              of={issued + refused}
              href="/audit?since=1h&event=token_issued&result=failure"
            />
            <Figure label="Accepted" value={accepted} href="/audit?since=1h&event=token_validated&result=success" />
            <Figure
              label="Rejected"
              value={rejected}
              of={accepted + rejected}
              href="/audit?since=1h&event=token_validated&result=failure"
            />
          </div>
          <FlowBars buckets={health.data.buckets} label="Events of the last hour" />
          {worst.length > 0 && (
            <div>
              <Text size="xs" c="dimmed" mb={4}>
                Why they failed
              </Text>
              <Group gap="md">
                {worst.map(([reason, n]) => (
                  <Text key={reason} size="sm">
                    <Anchor
                      component={Link}
                      href={`/audit${queryString({ since: "1h", result: "failure", reason })}`}
                      fz="inherit"
                    >
                      {reason}
                    </Anchor>{" "}
                    <span className="num">{number.format(n)}</span>
                  </Text>
                ))}
              </Group>
            </div>
          )}
        </Stack>
      )}
    </Panel>
  )
}

function Figure({ label, value, of, href }: { label: string; value: number; of?: number; href: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Text component={Link} href={href} className={classes.number} c="inherit">
        {number.format(value)}
      </Text>
      {of !== undefined && (
        <Text size="xs" c="dimmed">
          {of === 0 ? "of none" : `${((value / of) * 100).toFixed(1)} % of ${number.format(of)}`}
        </Text>
      )}
    </div>
  )
}
