"use client"

import { CloseButton, TextInput, type TextInputProps } from "@mantine/core"
import { IconSelector } from "@tabler/icons-react"
import { useEffect, useEffectEvent, useId, useRef, useState, type KeyboardEvent, type RefObject } from "react"
import { moved } from "./moved.ts"
import classes from "./Pick.module.css"
import { activeAt, taken, type PickOption } from "./taken.ts"
import { useEscape } from "./useEscape.ts"
import { useTopLayer } from "./useTopLayer.ts"

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  readonly options: readonly PickOption[]
  readonly value: string | null
  readonly onChange: (value: string | null) => void
  /** Given: the server searches, and `options` are its answer. Else they are searched here. */
  readonly onSearch?: (text: string) => void
  /** The answer to the present text is still to come: an older answer's options are not offered. */
  readonly searching?: boolean
  /** What stands in the list where no option fits. */
  readonly nothing: string
}

/**
 * One of many, found by typing. WAI-ARIA combobox with a list: arrows move, `Enter` takes what is highlighted (now, or when the
 * server's answer has come), `Esc` and leaving put the text back.
 */
export function Pick({ options, value, onChange, onSearch, searching = false, nothing, ...rest }: Props) {
  /** What is being typed; null: nothing, the choice shows. */
  const [typed, setTyped] = useState<string | null>(null)
  const [open, setOpen] = useState(false)
  const [walked, setWalked] = useState<string | null>(null)
  /** `Enter` was pressed before the server's answer. */
  const [early, setEarly] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const id = useId()
  const chosen = options.find((o) => o.value === value)?.label ?? value ?? ""
  const wanted = (typed ?? "").trim().toLowerCase()
  const fitting = onSearch ? options : options.filter((o) => o.label.toLowerCase().includes(wanted))
  const shown = searching ? [] : fitting
  const state = { shown, value, typed, walked, asked: onSearch !== undefined, searching }
  const at = open ? activeAt(state) : -1

  const type = (text: string | null) => {
    setTyped(text)
    setWalked(null)
    setEarly(false)
    onSearch?.(text ?? "")
  }
  const close = () => {
    setOpen(false)
    type(null)
  }
  const take = (option: PickOption | null) => {
    onChange(option?.value ?? null)
    close()
  }
  const leave = () => {
    if (typed === "" && value !== null) onChange(null)
    close()
  }
  const enter = () => {
    const option = taken(state)
    setEarly(option === "later")
    if (option !== "later" && option !== undefined) take(option)
  }
  const answered = useEffectEvent(enter)
  useEffect(() => {
    if (early && !searching) answered()
  }, [early, searching])
  useEscape(open, close)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      const to = moved(
        event,
        at,
        shown.map((o) => o.label),
      )
      if (!open) setOpen(true)
      else if (to !== null) setWalked(shown[to]?.value ?? null)
    }
    if (event.key === "Enter" && open) {
      event.preventDefault()
      enter()
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
        aria-activedescendant={at >= 0 ? `${id}${at}` : undefined}
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
      {open && (
        <List
          id={id}
          field={field}
          options={shown}
          at={at}
          value={value}
          nothing={searching ? "Searching" : nothing}
          take={take}
        />
      )}
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
