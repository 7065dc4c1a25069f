"use client"

import { Table, Text } from "@mantine/core"
import type { Explained } from "../../lib/token/explain.ts"
import { Marked } from "../ui/Marked.tsx"
import { visibleJson } from "../ui/marks.ts"
import { TimeText } from "../ui/TimeText.tsx"

const shown = (value: unknown): string => (typeof value === "string" ? value : visibleJson(value))

/** Header or claims, each with its meaning and where that is written. Values are text, whatever they look like. */
export function Members({ title, members }: { title: string; members: readonly Explained[] }) {
  if (members.length === 0) return null
  return (
    <Table aria-label={title} fz="xs" verticalSpacing={6} layout="fixed">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col" w="22%">
            {title}
          </Table.Th>
          <Table.Th scope="col">Value</Table.Th>
          <Table.Th scope="col" w="40%">
            Meaning
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {members.map((m) => (
          <Table.Tr key={m.name}>
            <Table.Td style={{ overflowWrap: "anywhere", verticalAlign: "top" }}>
              <code>
                <Marked>{m.name}</Marked>
              </code>
            </Table.Td>
            <Table.Td style={{ overflowWrap: "anywhere", verticalAlign: "top" }}>
              <code>
                <Marked>{shown(m.value)}</Marked>
              </code>
              {m.reading !== null && (
                <Text size="xs" mt={2}>
                  <TimeText at={m.reading} short={false} />
                </Text>
              )}
            </Table.Td>
            <Table.Td style={{ verticalAlign: "top" }}>
              <Text size="xs">
                {m.known && <b>{m.title}. </b>}
                {m.meaning}
              </Text>
              <Text size="xs" c="dimmed">
                {m.source}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
