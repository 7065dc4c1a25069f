"use client"

import { Skeleton, Text } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { CapabilityWire } from "../../lib/providers/queries.ts"
import { api, type Page } from "../api.ts"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Facts } from "../ui/Facts.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import classes from "./providers.module.css"

const titles: Readonly<Record<string, string>> = {
  write: "Write clients, audiences and grants",
  secrets: "Issue and end client secrets",
  events: "Tell its own events",
}
const details: Readonly<Record<string, string>> = {
  live_max: "Live secrets per client, at most",
  chooser: "The value is chosen by",
  expiry: "End date",
  list: "Lists its secrets as",
  end: "Ends a secret",
  strategy: "Strategy",
  evidence_by_log: "Evidence by its own log",
}
const words: Readonly<Record<string, string>> = {
  either: "either side",
  caller: "Grantry",
  provider: "the provider",
  per_secret: "per secret",
  policy: "by a policy of the provider",
  none: "none",
  ids: "ids, never values",
  values: "values",
  by_id: "one by its id",
  all_rotated: "all earlier ones together",
  by_policy: "by its policy",
  at_once: "at once, when a new one is made",
  overlap: "overlap: both work until the old one is ended",
  in_place: "in place: the new one ends the old one",
  A: "grade A: the log names the secret",
}

/** Ports, or the reason why there is none, with where that is written. */
export function Capabilities({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["/providers", id, "capabilities"],
    queryFn: ({ signal }) => api<Page<CapabilityWire>>(`/providers/${id}/capabilities`, { signal }),
  })
  if (query.error && !query.data) return <ErrorPanel error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <Skeleton height={220} radius={8} aria-label="Loading the capabilities" />
  return (
    <Panel flush title="What can be done here">
      <ul className={classes.items}>
        {query.data.items.map((c) => (
          <li key={c.name} className={classes.item}>
            <Text fw={500} size="sm" mb={4}>
              <StatusBadge tone={c.can ? "pass" : "unknown"}>{c.can ? "yes" : "no"}</StatusBadge>{" "}
              {titles[c.name] ?? c.name}
            </Text>
            <Text size="sm">{c.why}</Text>
            {c.source && (
              <Text size="xs" c="dimmed">
                Source: {c.source}
              </Text>
            )}
            {Object.keys(c.detail).length > 0 && (
              <div style={{ marginTop: 8 }}>
                <Facts
                  items={Object.entries(c.detail).map(
                    ([name, value]) =>
                      [details[name] ?? name.replaceAll("_", " "), words[String(value)] ?? String(value)] as const,
                  )}
                />
              </div>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  )
}
