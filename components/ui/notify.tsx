"use client"

import { CloseButton } from "@mantine/core"
import { IconCheck, IconX } from "@tabler/icons-react"
import { useEffect, useState, useSyncExternalStore } from "react"
import { ApiError } from "../api.ts"
import classes from "./notify.module.css"

interface Notice {
  readonly id: number
  readonly failed: boolean
  readonly title: string
  readonly message: string
  readonly lastsMs: number
}

const shownAtOnce = 4
const none: readonly Notice[] = []
let notices = none
let count = 0
const listeners = new Set<() => void>()

function set(next: readonly Notice[]): void {
  notices = next
  for (const listener of listeners) listener()
}
const add = (notice: Omit<Notice, "id">): void => set([...notices, { ...notice, id: (count += 1) }])
const remove = (id: number): void => set(notices.filter((n) => n.id !== id))
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Says what was done, in the past tense and by name: "order-service is disabled". */
export const said = (message: string): void => add({ failed: false, title: "", message, lastsMs: 5_000 })

/** A refusal outside a form: its sentence, code and request id. */
export const saidError = (error: unknown): void => {
  const known = error instanceof ApiError ? error : null
  add({
    failed: true,
    title: error instanceof Error ? error.message : "This did not work.",
    message: known ? [known.code, known.requestId && `request ${known.requestId}`].filter(Boolean).join(" · ") : "",
    lastsMs: 12_000,
  })
}

/** What was said, in the corner, read out by screen readers. None goes while the pointer or the focus is on one; further ones wait. */
export function Notices() {
  const all = useSyncExternalStore(
    subscribe,
    () => notices,
    () => none,
  )
  const [held, hold] = useState(false)
  return (
    <div
      aria-live="polite"
      className={classes.corner}
      onMouseEnter={() => hold(true)}
      onMouseLeave={() => hold(false)}
      onFocus={() => hold(true)}
      onBlur={() => hold(false)}
    >
      {all.slice(0, shownAtOnce).map((n) => (
        <One key={n.id} notice={n} held={held} release={() => hold(false)} />
      ))}
    </div>
  )
}

function One({
  notice: { id, failed, title, message, lastsMs },
  held,
  release,
}: {
  notice: Notice
  held: boolean
  release: () => void
}) {
  useEffect(() => {
    if (held) return
    const timer = setTimeout(() => remove(id), lastsMs)
    return () => clearTimeout(timer)
  }, [held, id, lastsMs])
  return (
    <div className={classes.notice} role={failed ? "alert" : undefined}>
      <span className={classes.icon} data-failed={failed || undefined}>
        {failed ? <IconX size={16} aria-hidden /> : <IconCheck size={16} aria-hidden />}
      </span>
      <div className={classes.words}>
        {title && <div className={classes.title}>{title}</div>}
        <div data-quiet={(title && message) || undefined}>{message}</div>
      </div>
      <CloseButton
        size="sm"
        aria-label="Close"
        onClick={() => {
          remove(id)
          // What is gone sends neither mouseleave nor blur.
          release()
        }}
      />
    </div>
  )
}
