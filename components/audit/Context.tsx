"use client"

import { Table, Text, UnstyledButton } from "@mantine/core"
import type { EventItem } from "../../lib/events/item.ts"
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
    <Table aria-label="Events around it" fz="xs" verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">When</Table.Th>
          <Table.Th scope="col">Event</Table.Th>
          <Table.Th scope="col">Result</Table.Th>
          <Table.Th scope="col">Client, resource</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((i) => (
          <Table.Tr key={i.id}>
            <Table.Td style={{ whiteSpace: "nowrap" }}>
              <UnstyledButton className={classes.open} onClick={() => open(i.id)}>
                <time dateTime={i.timestamp}>{apart(Date.parse(i.timestamp) - Date.parse(of.timestamp))}</time>
              </UnstyledButton>
            </Table.Td>
            <Table.Td>{eventWord(i.event)}</Table.Td>
            <Table.Td>
              <Result event={i} />
            </Table.Td>
            <Table.Td>
              <Word>{i.client_id}</Word>
              {i.resource !== null && (
                <Text size="xs" c="dimmed">
                  <Word>{i.resource}</Word>
                </Text>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
