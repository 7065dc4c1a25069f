"use client"

import { Text } from "@mantine/core"
import type { Explained } from "../../lib/token/explain.ts"
import { Marked } from "../ui/Marked.tsx"
import { visibleJson } from "../ui/marks.ts"
import { Table } from "../ui/Table.tsx"
import { TimeText } from "../ui/TimeText.tsx"

const shown = (value: unknown): string => (typeof value === "string" ? value : visibleJson(value))

/** Header or claims, each with its meaning and where that is written. Values are text, whatever they look like. */
export function Members({ title, members }: { title: string; members: readonly Explained[] }) {
  if (members.length === 0) return null
  return (
    <Table style={{ tableLayout: "fixed" }} aria-label={title} size="xs" space={6}>
      <thead>
        <tr>
          <th style={{ width: "22%" }} scope="col">
            {title}
          </th>
          <th scope="col">Value</th>
          <th style={{ width: "40%" }} scope="col">
            Meaning
          </th>
        </tr>
      </thead>
      <tbody>
        {members.map((m) => (
          <tr key={m.name}>
            {/* oxlint-disable-next-line jsx-a11y/control-has-associated-label -- a cell is no control, and Marked gives its text */}
            <td style={{ overflowWrap: "anywhere", verticalAlign: "top" }}>
              <code>
                <Marked>{m.name}</Marked>
              </code>
            </td>
            <td style={{ overflowWrap: "anywhere", verticalAlign: "top" }}>
              <code>
                <Marked>{shown(m.value)}</Marked>
              </code>
              {m.reading !== null && (
                <Text size="xs" mt={2}>
                  <TimeText at={m.reading} short={false} />
                </Text>
              )}
            </td>
            <td style={{ verticalAlign: "top" }}>
              <Text size="xs">
                {m.known && <b>{m.title}. </b>}
                {m.meaning}
              </Text>
              <Text size="xs" c="dimmed">
                {m.source}
              </Text>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
