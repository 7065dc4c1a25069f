"use client"

import { Button, CloseButton, Group, TextInput } from "@mantine/core"
import { useDebouncedCallback } from "@mantine/hooks"
import { IconSearch } from "@tabler/icons-react"
import { useEffect, useRef, useState, type ReactNode } from "react"
import { useKeys } from "./keys.ts"
import classes from "./FilterBar.module.css"

export interface Pill {
  readonly field: string
  readonly value: string
  readonly remove: () => void
}

/** Makes the pill of one filter, none where it is not set; taking it away hands `cleared` to `set`. */
export const pillWith =
  <C,>(set: (cleared: C) => unknown) =>
  (field: string, value: string | null, cleared: C): readonly Pill[] =>
    value === null ? [] : [{ field, value, remove: () => void set(cleared) }]

interface Props {
  readonly search?: { readonly value: string; readonly set: (value: string) => void; readonly placeholder: string }
  readonly children?: ReactNode
  readonly pills?: readonly Pill[]
  readonly clear?: () => void
}

/** Search field (`/` goes there), further controls, and what is set as pills that can be taken away. */
export function FilterBar({ search, children, pills = [], clear }: Props) {
  return (
    <div className={classes.bar}>
      <Group gap="xs" wrap="wrap">
        {search && <SearchField {...search} />}
        {children}
      </Group>
      {pills.length > 0 && (
        <Group gap={6} mt={8} component="ul" className={classes.pills} aria-label="Filters">
          {pills.map((p) => (
            <li key={`${p.field} ${p.value}`} className={classes.pill}>
              <span>
                <span className={classes.field}>{p.field} is</span> {p.value}
              </span>
              <CloseButton
                size={24}
                iconSize={12}
                aria-label={`Remove filter ${p.field} is ${p.value}`}
                onClick={p.remove}
              />
            </li>
          ))}
          {clear && pills.length > 1 && (
            <li>
              <Button variant="subtle" size="compact-xs" onClick={clear}>
                Clear all
              </Button>
            </li>
          )}
        </Group>
      )}
    </div>
  )
}

function SearchField({
  value,
  set,
  placeholder,
}: {
  value: string
  set: (value: string) => void
  placeholder: string
}) {
  const [text, setText] = useState(value)
  const field = useRef<HTMLInputElement>(null)
  const later = useDebouncedCallback(set, 250)
  useEffect(() => {
    if (document.activeElement !== field.current) setText(value)
  }, [value])
  useKeys({
    "/": (event) => {
      event.preventDefault()
      field.current?.focus()
    },
  })
  return (
    <TextInput
      ref={field}
      type="search"
      aria-label={placeholder}
      placeholder={placeholder}
      leftSection={<IconSearch size={15} aria-hidden />}
      value={text}
      onChange={(e) => {
        setText(e.currentTarget.value)
        later(e.currentTarget.value)
      }}
      w={300}
      maw="100%"
      size="xs"
    />
  )
}
