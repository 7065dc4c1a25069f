"use client"

import { TextInput, type TextInputProps } from "@mantine/core"
import { useId } from "react"

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly suggestions: readonly string[]
}

/** Any text, with what is known already suggested by the browser. */
export function Suggest({ value, onChange, suggestions, ...rest }: Props) {
  const id = useId()
  return (
    <>
      <TextInput
        {...rest}
        list={id}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <datalist id={id}>
        {suggestions.map((s) => (
          <option key={s} value={s} />
        ))}
      </datalist>
    </>
  )
}
