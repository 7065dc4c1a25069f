"use client"

import { Autocomplete, Button, Popover, Select, Stack } from "@mantine/core"
import { IconFilterPlus } from "@tabler/icons-react"
import { useState } from "react"
import type { Facets } from "../../lib/events/facets.ts"
import { fieldNames, filterFields, isFilterField, type FilterField } from "./filter.ts"

/** A pill by hand: a field, and a value out of those that were found, or any other. */
export function AddFilter({
  facets,
  add,
}: {
  facets: Facets | undefined
  add: (field: FilterField, value: string) => void
}) {
  const [open, setOpen] = useState(false)
  const [field, setField] = useState<FilterField>("client_id")
  const [text, setText] = useState("")
  const found = facets?.facets.find((f) => f.field === field)?.values ?? []
  const known = new Map(found.map((v) => [v.label ?? v.value, v.value]))
  const done = () => {
    const value = text.trim()
    if (value !== "") {
      add(field, known.get(value) ?? value)
      setText("")
      setOpen(false)
    }
  }
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<IconFilterPlus size={15} aria-hidden />} onClick={() => setOpen(!open)}>
          Add filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            done()
          }}
        >
          <Stack gap="xs" w={260}>
            <Select
              size="xs"
              label="Field"
              data={fieldNames.map((value) => ({ value, label: filterFields[value] }))}
              value={field}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              onChange={(f) => {
                if (f !== null && isFilterField(f)) {
                  setField(f)
                  setText("")
                }
              }}
            />
            <Autocomplete
              size="xs"
              label="is"
              placeholder="A value, exactly"
              data={[...known.keys()]}
              value={text}
              onChange={setText}
              comboboxProps={{ withinPortal: false }}
              maxDropdownHeight={220}
            />
            <Button type="submit" disabled={text.trim() === ""}>
              Filter
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
