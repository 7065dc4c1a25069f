"use client"

import { Anchor, Group, Text, UnstyledButton } from "@mantine/core"
import { IconAlertTriangle, IconClockCheck } from "@tabler/icons-react"
import type { SourceView } from "../../lib/events/source-view.ts"
import { sourceKind, sourceWords } from "../settings/sourceWords.ts"
import { Marked } from "../ui/Marked.tsx"
import { Popover } from "../ui/Popover.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { Table } from "../ui/Table.tsx"
import { absolute, duration } from "../ui/time.ts"
import { Absent, TimeText, useNow } from "../ui/TimeText.tsx"
import { useZone } from "../ui/zone.tsx"
import { useSources } from "./useSources.ts"
import { watermarkOf } from "./watermark.ts"
import classes from "./WatermarkLine.module.css"

/** Why there is no time to show: nothing came, or only from sources that are not counted. */
const nobody = (sources: readonly SourceView[]): string =>
  sources.every((s) => s.complete_until === null)
    ? "No source has sent anything yet"
    : "No source with a silence limit has sent anything yet"

/** Until when the events are complete, and which source holds that back. Every page that concludes something from events has it. */
export function WatermarkLine({ sinceMs }: { sinceMs: number }) {
  const sources = useSources()
  const zone = useZone()
  const now = useNow()
  const all = sources.data?.items
  if (!all)
    return (
      <Text size="xs" c="dimmed" className={classes.line}>
        {sources.error ? "How complete the events are cannot be read now." : " "}
      </Text>
    )
  const mark = watermarkOf(all, sinceMs)
  const troubled = mark.silent.length > 0 || mark.gaps.length > 0
  const silence = mark.silent
    .map(
      (s) =>
        `Source ${s.name} silent for ${s.last_received_at && now ? duration(now - Date.parse(s.last_received_at)) : "a while"}`,
    )
    .join(". ")
  return (
    <Popover
      label="How complete each source is"
      width={640}
      button={(opener) => (
        <UnstyledButton
          {...opener}
          className={classes.line}
          data-trouble={troubled || undefined}
          suppressHydrationWarning
        >
          {troubled ? <IconAlertTriangle size={14} aria-hidden /> : <IconClockCheck size={14} aria-hidden />}
          <span>
            {mark.completeUntil ? (
              <>
                Complete until{" "}
                <time dateTime={mark.completeUntil}>
                  {absolute(mark.completeUntil, zone.name)} {zone.utc ? "UTC" : zone.name}
                </time>
                {mark.heldBackBy.length > 0 && `, held by ${mark.heldBackBy.join(", ")}`}
              </>
            ) : (
              nobody(all)
            )}
            {silence && `. ${silence}`}
            {mark.gaps.length > 0 &&
              `. ${mark.gaps.length === 1 ? "A gap is" : `${mark.gaps.length} gaps are`} not filled`}
          </span>{" "}
          <span className={classes.more}>per source</span>
        </UnstyledButton>
      )}
    >
      {() => (
        <>
          <Table aria-label="How complete each source is" space={5} size="xs">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">State</th>
                <th scope="col">Complete until</th>
                <th scope="col">Last heard</th>
                <th scope="col" data-align="right">
                  Stored
                </th>
              </tr>
            </thead>
            <tbody>
              {all.map((s) => (
                <tr key={s.id}>
                  <td>
                    <Marked>{s.name}</Marked>
                    <Text size="xs" c="dimmed">
                      {sourceKind(s.kind)}
                    </Text>
                    {mark.heldBackBy.includes(s.name) && (
                      <Text size="xs" c="dimmed">
                        holds the line back
                      </Text>
                    )}
                    {mark.uncounted.includes(s.name) && (
                      <Text size="xs" c="dimmed">
                        no limit set: not counted
                      </Text>
                    )}
                  </td>
                  <td>
                    <StatusBadge tone={sourceWords[s.state].tone} title={sourceWords[s.state].means}>
                      {s.state}
                    </StatusBadge>
                  </td>
                  <td>
                    {s.complete_until ? (
                      <TimeText at={s.complete_until} withRelative={false} short={false} />
                    ) : (
                      <Absent why="nothing came yet" />
                    )}
                  </td>
                  <td>
                    {s.last_received_at ? <TimeText at={s.last_received_at} /> : <Absent why="nothing came yet" />}
                  </td>
                  <td data-align="right" className="num">
                    {new Intl.NumberFormat("en").format(s.stored)}
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
          {mark.gaps.map((g) => (
            <Group key={`${g.source} ${g.since}`} gap={6} mt={6}>
              <StatusBadge tone="warn">gap</StatusBadge>
              <Text size="xs">
                {g.source}: from <TimeText at={g.since} withRelative={false} short={false} /> to{" "}
                {g.until ? <TimeText at={g.until} withRelative={false} short={false} /> : "now"}
              </Text>
            </Group>
          ))}
          <Text size="xs" c="dimmed" mt={8}>
            A source that sends heartbeats is complete until its last one, a provider log until where it was read, any
            other until its last event. One without a silence limit is not counted: nobody can say that it is late.{" "}
            <Anchor href="/settings?tab=sources" inherit>
              Sources
            </Anchor>
          </Text>
        </>
      )}
    </Popover>
  )
}
