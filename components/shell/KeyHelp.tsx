"use client"

import { Kbd, Modal, Table } from "@mantine/core"
import { useModKey } from "../ui/useModKey.ts"
import type { Place } from "./navigation.ts"

export function KeyHelp({ places, onClose }: { places: readonly Place[]; onClose: () => void }) {
  const modKey = useModKey()
  const rows: readonly (readonly [readonly string[], string])[] = [
    [[modKey, "K"], "Search, or go to a page"],
    [["/"], "Filter the list"],
    [["j"], "Next row"],
    [["k"], "Row before"],
    [["Enter"], "Open the row"],
    [["[", "]"], "In an open event: the one before, the next"],
    [["Esc"], "Close, and give the focus back"],
    ...places.map((p) => [["g", p.key], p.label] as const),
    [["?"], "This list"],
  ]
  return (
    <Modal opened onClose={onClose} title="Keys">
      <Table aria-label="Keys">
        <Table.Tbody>
          {rows.map(([keys, what]) => (
            <Table.Tr key={what}>
              <Table.Td w={120}>
                {keys.map((k, i) => (
                  <Kbd key={i} mr={4}>
                    {k}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{what}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
