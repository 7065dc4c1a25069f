"use client"

import { Button, Stack } from "@mantine/core"
import { IconFilterPlus } from "@tabler/icons-react"
import { useState } from "react"
import type { Facets } from "../../lib/events/facets.ts"
import { Choice } from "../ui/Choice.tsx"
import { Popover } from "../ui/Popover.tsx"
import { Suggest } from "../ui/Suggest.tsx"
import { fieldNames, filterFields, isFilterField, type FilterField } from "./filter.ts"

/** A pill by hand: a field, and a value out of those that were found, or any other. */
export function AddFilter({
  facets,
  add,
}: {
  facets: Facets | undefined
  add: (field: FilterField, value: string) => void
}) {
  const [field, setField] = useState<FilterField>("client_id")
  const [text, setText] = useState("")
  const found = facets?.facets.find((f) => f.field === field)?.values ?? []
  const known = new Map(found.map((v) => [v.label ?? v.value, v.value]))
  const done = (close: () => void) => {
    const value = text.trim()
    if (value !== "") {
      add(field, known.get(value) ?? value)
      setText("")
      close()
    }
  }
  return (
    <Popover
      label="Add filter"
      button={(opener) => (
        <Button {...opener} variant="default" leftSection={<IconFilterPlus size={15} aria-hidden />}>
          Add filter
        </Button>
      )}
    >
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            done(close)
          }}
        >
          <Stack gap="xs" w={260}>
            <Choice
              size="xs"
              label="Field"
              data={fieldNames.map((value) => ({ value, label: filterFields[value] }))}
              value={field}
              onChange={(f) => {
                if (f !== null && isFilterField(f)) {
                  setField(f)
                  setText("")
                }
              }}
            />
            <Suggest
              size="xs"
              label="is"
              placeholder="A value, exactly"
              suggestions={[...known.keys()]}
              value={text}
              onChange={setText}
            />
            <Button type="submit" disabled={text.trim() === ""}>
              Filter
            </Button>
          </Stack>
        </form>
      )}
    </Popover>
  )
}
