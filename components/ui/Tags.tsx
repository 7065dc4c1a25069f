"use client"

import { Pill, PillsInput } from "@mantine/core"
import { useRef, useState, type KeyboardEvent, type ReactNode } from "react"

/** Words of one's own: `Enter`, a comma or leaving the field adds one, `Backspace` in the empty field takes the last away. */
export function Tags({
  label,
  value,
  onChange,
  error,
}: {
  label: string
  value: readonly string[]
  onChange: (value: string[]) => void
  error?: ReactNode
}) {
  const [text, setText] = useState("")
  const field = useRef<HTMLInputElement>(null)
  const add = (typed: string) => {
    const fresh = typed.split(",").map((t) => t.trim())
    const all = [...new Set([...value, ...fresh])].filter((t) => t !== "")
    if (all.length > value.length) onChange(all)
    setText("")
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault()
      add(text)
    }
    if (event.key === "Backspace" && text === "" && value.length > 0) onChange(value.slice(0, -1))
  }
  return (
    <PillsInput label={label} error={error}>
      <Pill.Group>
        {value.map((tag) => (
          <Pill
            key={tag}
            withRemoveButton
            removeButtonProps={{ "aria-label": `Remove ${tag}`, "aria-hidden": false, tabIndex: 0 }}
            onRemove={() => {
              onChange(value.filter((t) => t !== tag))
              // The button goes with its word.
              field.current?.focus()
            }}
          >
            {tag}
          </Pill>
        ))}
        <PillsInput.Field
          ref={field}
          value={text}
          onChange={(event) => {
            const typed = event.currentTarget.value
            if (typed.includes(",")) add(typed)
            else setText(typed)
          }}
          onKeyDown={onKeyDown}
          onBlur={() => add(text)}
        />
      </Pill.Group>
    </PillsInput>
  )
}
