"use client"

import { Text } from "@mantine/core"
import { useSyncExternalStore } from "react"
import { absolute, relative } from "./time.ts"
import { useZone } from "./zone.tsx"

/** One clock for the page: a tick each 15 s moves every relative time. 0 on the server, where "now" would not match. */
let now = 0
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const one of listeners) one()
  }, 15_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
      now = 0
    }
  }
}

export const useNow = (): number =>
  useSyncExternalStore(
    subscribe,
    () => (now ||= Date.now()),
    () => 0,
  )

/** An RFC 3339 time: absolute in the shown zone, relative beside it. Null is "–", with the reason for a screen reader. */
export function TimeText({
  at,
  absent = "not known",
  short = true,
  withRelative = true,
}: {
  at: string | null | undefined
  absent?: string
  short?: boolean
  withRelative?: boolean
}) {
  const zone = useZone()
  const clock = useNow()
  if (!at) return <Absent why={absent} />
  return (
    <time dateTime={at} title={`${absolute(at, "UTC")} UTC`} suppressHydrationWarning>
      <span style={{ whiteSpace: "nowrap" }}>
        {absolute(at, zone.name, { short, ...(clock ? { now: clock } : {}) })}
      </span>
      {withRelative && clock > 0 && (
        <Text span c="dimmed" size="xs" style={{ whiteSpace: "nowrap" }}>
          {" · "}
          {relative(at, clock)}
        </Text>
      )}
    </time>
  )
}

/** Absent is not zero. */
export function Absent({ why }: { why: string }) {
  return (
    <Text span c="dimmed" title={why} aria-label={why} role="img">
      –
    </Text>
  )
}
