"use client"

import { NativeSelect, type NativeSelectProps } from "@mantine/core"
import classes from "./Choice.module.css"

type Option = string | { readonly value: string; readonly label: string }

interface Props extends Omit<NativeSelectProps, "data" | "value" | "onChange"> {
  readonly data: readonly Option[]
  /** Null and the empty text: nothing is chosen. */
  readonly value: string | null
  readonly onChange: (value: string | null) => void
  /** The words for choosing nothing, where that is a choice. */
  readonly any?: string
}

/** One of a few, by the browser's own list. */
export function Choice({ data, value, onChange, any, ...rest }: Props) {
  return (
    <NativeSelect
      {...rest}
      data={[...(any === undefined ? [] : [{ value: "", label: any }]), ...data]}
      value={value ?? ""}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      {...(value || any === undefined ? {} : { classNames: { input: classes.none ?? "" } })}
    />
  )
}
