"use client"

import { TextInput, type TextInputProps } from "@mantine/core"

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  readonly value: number | string
  /** A number, or the empty text. */
  readonly onChange: (value: number | "") => void
}

/** Takes digits only. Whether the number is allowed is the server's to say, with its own words. */
export const WholeNumber = ({ value, onChange, ...rest }: Props) => (
  <TextInput
    {...rest}
    inputMode="numeric"
    autoComplete="off"
    value={value}
    onChange={(event) => {
      const digits = event.currentTarget.value.replace(/\D/g, "").slice(0, 12)
      onChange(digits === "" ? "" : Number(digits))
    }}
  />
)
