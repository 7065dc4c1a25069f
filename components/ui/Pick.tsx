"use client"

import { CloseButton, TextInput, type TextInputProps } from "@mantine/core"
import { IconSelector } from "@tabler/icons-react"
import { useId, useRef, useState, type KeyboardEvent, type RefObject } from "react"
import classes from "./Pick.module.css"
import { useTopLayer } from "./useTopLayer.ts"

export interface PickOption {
  readonly value: string
  readonly label: string
}

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  readonly options: readonly PickOption[]
  readonly value: string | null
  readonly onChange: (value: string | null) => void
  /** Given: the server searches, and `options` are its answer. Else they are searched here. */
  readonly onSearch?: (text: string) => void
  /** What stands in the list where no option fits. */
  readonly nothing: string
}

/** One of many, found by typing. WAI-ARIA combobox with a list: arrows move, `Enter` takes, `Esc` and leaving put the text back. */
export function Pick({ options, value, onChange, onSearch, nothing, ...rest }: Props) {
  /** What is being typed; null: nothing, the choice shows. */
  const [typed, setTyped] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  const field = useRef<HTMLInputElement>(null)
  const id = useId()
  const chosen = options.find((o) => o.value === value)?.label ?? value ?? ""
  const wanted = (typed ?? "").trim().toLowerCase()
  const shown = onSearch ? options : options.filter((o) => o.label.toLowerCase().includes(wanted))
  const active = open ? shown[at] : undefined

  const type = (text: string | null) => {
    setTyped(text)
    setAt(0)
    onSearch?.(text ?? "")
  }
  const take = (option: PickOption | null) => {
    onChange(option?.value ?? null)
    setOpen(false)
    type(null)
  }
  const leave = () => {
    if (typed === "" && value !== null) onChange(null)
    setOpen(false)
    if (typed !== null) type(null)
  }
  const step = (by: number) => {
    if (open) setAt((shown.length + at + by) % Math.max(shown.length, 1))
    else setOpen(true)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      step(event.key === "ArrowDown" ? 1 : -1)
    }
    if (event.key === "Enter" && open && !event.nativeEvent.isComposing) {
      event.preventDefault()
      if (typed === "") take(null)
      else if (active) take(active)
    }
    if (event.key === "Escape" && open) {
      event.preventDefault()
      setOpen(false)
      type(null)
    }
  }
  return (
    <>
      <TextInput
        {...rest}
        ref={field}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-activedescendant={active ? `${id}${at}` : undefined}
        // A dialog around it closes at `Esc` only when the list is closed.
        data-mantine-stop-propagation={open || undefined}
        autoComplete="off"
        spellCheck={false}
        value={typed ?? chosen}
        onChange={(event) => {
          setOpen(true)
          type(event.currentTarget.value)
        }}
        onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
        onBlur={leave}
        rightSectionPointerEvents={value === null ? "none" : "all"}
        rightSection={
          value === null ? (
            <IconSelector size={13} color="var(--mantine-color-placeholder)" aria-hidden />
          ) : (
            <CloseButton
              size="sm"
              aria-label={`Clear ${String(rest["aria-label"] ?? rest.label ?? "").toLowerCase()}`}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => {
                take(null)
                field.current?.focus()
              }}
            />
          )
        }
      />
      {open && <List id={id} field={field} options={shown} at={at} value={value} nothing={nothing} take={take} />}
    </>
  )
}

function List({
  id,
  field,
  options,
  at,
  value,
  nothing,
  take,
}: {
  id: string
  field: RefObject<HTMLInputElement | null>
  options: readonly PickOption[]
  at: number
  value: string | null
  nothing: string
  take: (option: PickOption) => void
}) {
  const layer = useTopLayer(field, "start")
  return (
    <div
      popover="manual"
      role="presentation"
      // The field keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
      ref={layer}
      className={classes.list}
      style={{ minWidth: field.current?.offsetWidth }}
    >
      <div id={id} role="listbox" aria-label="Suggestions" className={classes.options}>
        {options.map((o, i) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the field has the keys
          <div
            key={o.value}
            id={`${id}${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={o.value === value}
            className={classes.option}
            data-active={i === at || undefined}
            ref={i === at ? (element) => element?.scrollIntoView({ block: "nearest" }) : null}
            onClick={() => take(o)}
          >
            {o.label}
          </div>
        ))}
      </div>
      {options.length === 0 && <div className={classes.nothing}>{nothing}</div>}
    </div>
  )
}
