"use client"

import { ActionIcon, Alert, Anchor, Group, Skeleton, Stack, Tabs, Text } from "@mantine/core"
import { useLocalStorage } from "@mantine/hooks"
import { IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import Link from "next/link"
import { useEffect, useRef, type KeyboardEvent } from "react"
import type { EventDetail } from "../../lib/events/search.ts"
import { api } from "../api.ts"
import { Copy } from "../ui/Copy.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { JsonView } from "../ui/JsonView.tsx"
import { LinkButton } from "../ui/LinkButton.tsx"
import { Marked } from "../ui/Marked.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { Tip } from "../ui/Tip.tsx"
import classes from "./Audit.module.css"
import { Context } from "./Context.tsx"
import { eventWord, Result } from "./eventCells.tsx"
import { EventFields } from "./EventFields.tsx"
import type { FilterField } from "./filter.ts"
import { lineOf } from "./line.ts"
import { causes } from "./reasons.ts"
import { Resizer } from "./Resizer.tsx"

const least = 340
const most = 1100

interface Props {
  readonly id: string
  readonly step: (by: 1 | -1) => void
  readonly open: (id: string) => void
  readonly close: () => void
  readonly filterFor: (field: FilterField, value: string) => void
}

/** One event beside the table, with everything that is known of it. Not a dialog: the table stays in use. */
export function EventPanel({ id, step, open, close, filterFor }: Props) {
  const [width, setWidth] = useLocalStorage<number>({ key: "grantry-event-panel", defaultValue: 480 })
  const head = useRef<HTMLHeadingElement>(null)
  const event = useQuery({
    queryKey: ["/events", id],
    queryFn: ({ signal }) => api<EventDetail>(`/events/${encodeURIComponent(id)}`, { signal }),
    placeholderData: (previous) => previous,
  })
  useEffect(() => {
    head.current?.focus({ preventScroll: true })
  }, [])
  const onKey = (e: KeyboardEvent) => {
    const onHead = e.target === head.current
    const run =
      e.key === "Escape"
        ? close
        : e.key === "]" || e.key === "j" || (onHead && e.key === "ArrowDown")
          ? () => step(1)
          : e.key === "[" || e.key === "k" || (onHead && e.key === "ArrowUp")
            ? () => step(-1)
            : null
    if (run && !e.metaKey && !e.ctrlKey && !e.altKey) {
      e.preventDefault()
      run()
    }
  }
  const item = event.data
  return (
    <aside className={classes.panel} style={{ width }} aria-label="Token event" onKeyDown={onKey}>
      <Resizer width={width} set={(w) => setWidth(Math.min(most, Math.max(least, w)))} least={least} most={most} />
      <Group className={classes.panelHead} justify="space-between" wrap="nowrap" gap="xs">
        <Text component="h2" fz="sm" fw={600} ref={head} tabIndex={-1} className={classes.panelTitle}>
          {item ? (
            <>
              {eventWord(item.event)} · <Marked>{item.client_id ?? "no client named"}</Marked>
            </>
          ) : (
            "Event"
          )}
        </Text>
        <Group gap={2} wrap="nowrap">
          <Tip label="Newer  [">
            <ActionIcon variant="subtle" color="gray" aria-label="Newer event" onClick={() => step(-1)}>
              <IconChevronUp size={16} aria-hidden />
            </ActionIcon>
          </Tip>
          <Tip label="Older  ]">
            <ActionIcon variant="subtle" color="gray" aria-label="Older event" onClick={() => step(1)}>
              <IconChevronDown size={16} aria-hidden />
            </ActionIcon>
          </Tip>
          <Copy value={item ? JSON.stringify(lineOf(item)) : ""} label="line as JSON" />
          <Tip label="Close  Esc">
            <ActionIcon variant="subtle" color="gray" aria-label="Close" onClick={close}>
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Tip>
        </Group>
      </Group>
      <div className={classes.panelBody}>
        {event.error && !item ? (
          <ErrorPanel error={event.error} retry={() => void event.refetch()} />
        ) : !item ? (
          <Skeleton height={400} />
        ) : (
          <Body item={item} open={open} filterFor={filterFor} />
        )}
      </div>
    </aside>
  )
}

function Body({
  item,
  open,
  filterFor,
}: {
  item: EventDetail
  open: (id: string) => void
  filterFor: (field: FilterField, value: string) => void
}) {
  const { trace, token, client } = item.context
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Result event={item} />
        <Text size="xs">
          <TimeText at={item.timestamp} short={false} />
        </Text>
      </Group>
      {item.validation_result === "failure" && <Why item={item} />}
      <EventFields item={item} filterFor={filterFor} />
      <Tabs defaultValue={trace.length > 0 ? "trace" : token.length > 0 ? "token" : "client"} keepMounted={false}>
        <Tabs.List aria-label="In context">
          <Tabs.Tab value="trace" disabled={item.trace_id === null}>
            Same trace ({trace.length})
          </Tabs.Tab>
          <Tabs.Tab value="token" disabled={item.jti === null}>
            Same token ({token.length})
          </Tabs.Tab>
          <Tabs.Tab value="client" disabled={item.client_id === null}>
            Same client ({client.length}
            {client.length >= 20 ? "+" : ""})
          </Tabs.Tab>
          <Tabs.Tab value="line">Line</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="trace" pt="xs">
          <Context of={item} items={trace} open={open} />
        </Tabs.Panel>
        <Tabs.Panel value="token" pt="xs">
          <Context of={item} items={token} open={open} />
        </Tabs.Panel>
        <Tabs.Panel value="client" pt="xs">
          <Context of={item} items={client} open={open} />
        </Tabs.Panel>
        <Tabs.Panel value="line" pt="xs">
          <JsonView value={lineOf(item)} label="line as JSON" />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}

function Why({ item }: { item: EventDetail }) {
  const cause = causes.get(item.failure_reason ?? "")
  const raw = item.extra?.raw_reason ?? item.extra?.failure_reason
  return (
    <Alert
      color="red"
      variant="outline"
      title={cause?.means ?? "The source gives no reason that is known here."}
      p="xs"
    >
      <Text size="sm">
        {cause?.look ??
          (typeof raw === "string" ? (
            <>
              Its own word: <Marked>{raw}</Marked>
            </>
          ) : (
            "Look at the line for what the source itself says."
          ))}
      </Text>
      <Group gap="xs" mt={6}>
        {item.client_id !== null && (
          <LinkButton href={`/clients?q=${encodeURIComponent(item.client_id)}`} variant="default" size="compact-xs">
            The client and its grants
          </LinkButton>
        )}
        {item.audience !== null && (
          <LinkButton href={`/audiences?q=${encodeURIComponent(item.audience)}`} variant="default" size="compact-xs">
            What the API expects
          </LinkButton>
        )}
        <Anchor component={Link} href="/debugger" size="xs">
          Verify a token
        </Anchor>
      </Group>
    </Alert>
  )
}
