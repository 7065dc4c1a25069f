"use client"

import { ActionIcon, Button, Divider, Group, Stack, Text, TextInput } from "@mantine/core"
import { IconCalendarTime, IconChevronDown, IconRefresh, IconZoomOut } from "@tabler/icons-react"
import { useState } from "react"
import { Popover } from "../ui/Popover.tsx"
import { absolute } from "../ui/time.ts"
import { Tip } from "../ui/Tip.tsx"
import { useZone } from "../ui/zone.tsx"
import { presets, rangeWords, stamp } from "./range.ts"
import type { Range } from "./useRange.ts"

/** Which time the page is about: a preset that moves with the clock, or a start and an end that stand. */
export function RangePicker({ range }: { range: Range }) {
  const zone = useZone()
  const words = rangeWords(range.spoken)
  const said =
    words ??
    `${absolute(stamp(range.window.fromMs), zone.name, { short: true })} to ${range.window.toMs === null ? "now" : absolute(stamp(range.window.toMs), zone.name, { short: true })}`
  return (
    <Group gap={4} wrap="nowrap">
      <Popover
        label="Time range"
        align="end"
        button={(opener) => (
          <Button
            {...opener}
            variant="default"
            leftSection={<IconCalendarTime size={15} aria-hidden />}
            rightSection={<IconChevronDown size={13} aria-hidden />}
            aria-label={`Time range: ${said}`}
            suppressHydrationWarning
          >
            {said}
          </Button>
        )}
      >
        {(close) => (
          <Group align="flex-start" gap="md" wrap="nowrap">
            <Stack gap={2}>
              {presets.map((p) => (
                <Button
                  key={p.since}
                  variant="subtle"
                  color="gray"
                  justify="flex-start"
                  aria-pressed={words === p.label}
                  onClick={() => {
                    range.setSince(p.since)
                    close()
                  }}
                >
                  {p.label}
                </Button>
              ))}
            </Stack>
            <Divider orientation="vertical" />
            <Between range={range} done={close} />
          </Group>
        )}
      </Popover>
      <Tip label="Zoom out">
        <ActionIcon variant="default" size={30} aria-label="Zoom out" onClick={range.zoomOut}>
          <IconZoomOut size={16} aria-hidden />
        </ActionIcon>
      </Tip>
      <Tip label="Refresh">
        <ActionIcon variant="default" size={30} aria-label="Refresh" onClick={range.refresh}>
          <IconRefresh size={16} aria-hidden />
        </ActionIcon>
      </Tip>
    </Group>
  )
}

/** `2026-11-20 14:00` is read as UTC, as is anything of RFC 3339 with its own offset. */
function read(text: string): number | null {
  const plain = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2})(:\d{2})?)?$/.exec(text.trim())
  const at = Date.parse(plain ? `${plain[1]}T${plain[2] ?? "00:00"}${plain[3] ?? ":00"}Z` : text.trim())
  return Number.isNaN(at) ? null : at
}

function Between({ range, done }: { range: Range; done: () => void }) {
  const written = (ms: number) => stamp(ms).slice(0, 19).replace("T", " ")
  const [from, setFrom] = useState(() => written(range.window.fromMs))
  const [to, setTo] = useState(() => written(range.window.toMs ?? Date.now()))
  const [fromMs, toMs] = [read(from), read(to)]
  const wrong = fromMs !== null && toMs !== null && fromMs >= toMs ? "The end must lie after the start" : undefined
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (fromMs !== null && toMs !== null && !wrong) {
          range.setBetween(fromMs, toMs)
          done()
        }
      }}
    >
      <Stack gap="xs" w={220}>
        <TextInput
          size="xs"
          label="From (UTC)"
          value={from}
          onChange={(e) => setFrom(e.currentTarget.value)}
          error={fromMs === null ? "A time such as 2026-11-20 14:00" : undefined}
        />
        <TextInput
          size="xs"
          label="To (UTC)"
          value={to}
          onChange={(e) => setTo(e.currentTarget.value)}
          error={toMs === null ? "A time such as 2026-11-20 15:00" : wrong}
        />
        <Button type="submit">Show this time</Button>
        {range.window.relative && (
          <Button
            variant="default"
            onClick={() => {
              range.freeze()
              done()
            }}
          >
            Freeze the present range
          </Button>
        )}
        <Text size="xs" c="dimmed">
          A preset moves with the clock, also in a shared link. A start and an end stand still.
        </Text>
      </Stack>
    </form>
  )
}
