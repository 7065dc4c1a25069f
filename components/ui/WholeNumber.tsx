"use client"

import { TextInput, type TextInputProps } from "@mantine/core"
import { useEffect, useRef, useState } from "react"
import { whole } from "./whole.ts"

interface Props extends Omit<TextInputProps, "value" | "onChange" | "min" | "max"> {
  readonly value: number | string
  /** A number between the bounds, or the empty text. */
  readonly onChange: (value: number | "") => void
  /** As the API has them. */
  readonly min: number
  readonly max: number
}

/**
 * A whole number. What is none, or is out of bounds, stays as it was typed, with the reason once the field is left; `onChange` does not
 * hear of it, and the form around it is not sent.
 */
export function WholeNumber({ value, onChange, min, max, error, ...rest }: Props) {
  const field = useRef<HTMLInputElement>(null)
  /** What is no number yet, and beside which value it was typed: another value from outside takes its place. */
  const [wrong, setWrong] = useState<{ text: string; beside: number | string } | null>(null)
  const [left, setLeft] = useState(false)
  const text = wrong?.beside === value ? wrong.text : String(value)
  const read = whole(text, min, max)
  const why = "why" in read ? read.why : ""
  useEffect(() => field.current?.setCustomValidity(why), [why])
  return (
    <TextInput
      {...rest}
      ref={field}
      inputMode="numeric"
      autoComplete="off"
      value={text}
      error={(left && why) || error}
      onBlur={() => setLeft(true)}
      onChange={(event) => {
        const typed = event.currentTarget.value
        const now = whole(typed, min, max)
        setWrong("why" in now ? { text: typed, beside: value } : null)
        if ("value" in now) onChange(now.value)
      }}
    />
  )
}
