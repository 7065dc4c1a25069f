"use client"

import { Alert, List, Stack, Text } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { LogView } from "../../lib/collect/queries.ts"
import { api } from "../api.ts"
import { Facts } from "../ui/Facts.tsx"
import { LinkButton } from "../ui/LinkButton.tsx"
import { Marked } from "../ui/Marked.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { duration } from "../ui/time.ts"

type Told = LogView["provenance"][string]
const words: Readonly<Record<Told, { tone: Tone; word: string }>> = {
  observed: { tone: "pass", word: "told by the log" },
  derived: { tone: "info", word: "derived" },
  absent: { tone: "unknown", word: "not told" },
}
const order: readonly Told[] = ["observed", "derived", "absent"]
const number = new Intl.NumberFormat("en")

/** A source that is a provider's own log: how its reading stands, what the log tells, and what became no event. */
export function SourceLog({ sourceId }: { sourceId: string }) {
  const log = useQuery({
    queryKey: ["/sources", sourceId, "log"],
    queryFn: ({ signal }) => api<LogView>(`/sources/${sourceId}/log`, { signal }),
    refetchInterval: 5_000,
    retry: false,
  })
  if (!log.data)
    return (
      <Text size="sm" c="dimmed">
        {log.error ? "The provider of this log is not connected any more. Its events stay." : " "}
      </Text>
    )
  const { provider, error, provenance, aside } = log.data
  return (
    <Stack gap="sm">
      <Text size="sm">
        Grantry reads this log by itself: token events of <Marked>{provider.name}</Marked>, each once.
      </Text>
      {error && (
        <Alert color="orange" title={`The last poll failed: ${error.code.replaceAll("_", " ")}`}>
          <Marked>{error.message}</Marked> {log.data.failures > 1 && `${log.data.failures} polls failed in a row. `}
          What happened meanwhile is read as soon as it answers.
        </Alert>
      )}
      {log.data.cannot && (
        <Alert color="gray" title="There is no log to read any more">
          {log.data.cannot}
        </Alert>
      )}
      <Facts items={reading(log.data)} />
      {Object.keys(provenance).length > 0 && (
        <div>
          <Text size="sm" fw={500}>
            What this log tells
          </Text>
          <Facts
            items={order.flatMap((is) => {
              const names = Object.keys(provenance).filter((field) => provenance[field] === is)
              if (names.length === 0) return []
              const { tone, word } = words[is]
              return [
                [
                  word,
                  <StatusBadge key={is} tone={tone}>
                    {names.join(", ").replaceAll("_", " ")}
                  </StatusBadge>,
                ] as const,
              ]
            })}
          />
        </div>
      )}
      {aside.length > 0 && (
        <div>
          <Text size="sm" fw={500}>
            Records that are no token events
          </Text>
          <List size="sm">
            {aside.map((kind) => (
              <List.Item key={kind.kind}>
                <Marked>{kind.kind}</Marked>: {number.format(kind.count)}, last <TimeText at={kind.last_at} />
              </List.Item>
            ))}
          </List>
        </div>
      )}
      <div>
        <LinkButton variant="default" href={`/providers/${provider.id}`}>
          The provider
        </LinkButton>
      </div>
    </Stack>
  )
}

const reading = (log: LogView) =>
  [
    [
      "Behind by",
      log.behind_seconds === null ? "nobody knows: the log does not tell yet" : duration(log.behind_seconds * 1_000),
    ],
    ["Last good poll", <TimeText key="g" at={log.good_at} absent="none yet" />],
    ["Last poll", <TimeText key="p" at={log.polled_at} absent="none yet" />],
    ["Next poll", <TimeText key="n" at={log.next_poll_at} />],
    ["Asked every", log.every_seconds === null ? "not asked" : duration(log.every_seconds * 1_000)],
  ] as const
