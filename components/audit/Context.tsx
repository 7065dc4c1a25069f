"use client"

import { Text, UnstyledButton } from "@mantine/core"
import type { EventItem } from "../../lib/events/item.ts"
import { Table } from "../ui/Table.tsx"
import { duration } from "../ui/time.ts"
import classes from "./Audit.module.css"
import { eventWord, Result, Word } from "./eventCells.tsx"

/** How long before or after the event in question. */
const apart = (ms: number): string =>
  ms === 0 ? "same time" : ms < 0 ? `${duration(ms)} before` : `${duration(ms)} after`

/** What stands around an event within an hour, newest first, whatever the filters say. */
export function Context({
  of,
  items,
  open,
}: {
  of: EventItem
  items: readonly EventItem[]
  open: (id: string) => void
}) {
  if (items.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Nothing else within an hour before and after.
      </Text>
    )
  return (
    <Table aria-label="Events around it" size="xs" space={4}>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Event</th>
          <th scope="col">Result</th>
          <th scope="col">Client, resource</th>
        </tr>
      </thead>
      <tbody>
        {items.map((i) => (
          <tr key={i.id}>
            {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- a cell is no control, and the button in it has a text */}
            <td style={{ whiteSpace: "nowrap" }}>
              <UnstyledButton className={classes.open} onClick={() => open(i.id)}>
                <time dateTime={i.timestamp}>{apart(Date.parse(i.timestamp) - Date.parse(of.timestamp))}</time>
              </UnstyledButton>
            </td>
            <td>{eventWord(i.event)}</td>
            <td>
              <Result event={i} />
            </td>
            <td>
              <Word>{i.client_id}</Word>
              {i.resource !== null && (
                <Text size="xs" c="dimmed">
                  <Word>{i.resource}</Word>
                </Text>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
