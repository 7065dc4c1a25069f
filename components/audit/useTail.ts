"use client"

import { useEffect, useRef, useState } from "react"
import type { EventItem } from "../../lib/events/item.ts"
import { queryString } from "../api.ts"

/** More than this is neither kept nor shown: the search has the rest. */
const keptMax = 500
const flushMs = 500

export interface Tail {
  /** Newest first. */
  readonly shown: readonly EventItem[]
  /** Arrived while paused. */
  readonly waiting: number
  readonly state: "off" | "connecting" | "live" | "ended"
  /** The server left some out: more came than one page can follow. */
  readonly skipped: boolean
  readonly flush: () => void
}

/**
 * Events as they arrive. The stream is opened only while `on`, and bounded. While `paused` what arrives waits for `flush`.
 * Filters of the query hold, its time window does not: a tail has no past.
 */
export function useTail(
  on: boolean,
  paused: boolean,
  query: Readonly<Record<string, string | readonly string[]>>,
): Tail {
  const { from: _from, to: _to, ...filter } = query
  const search = queryString(filter)
  const [shown, setShown] = useState<readonly EventItem[]>([])
  const [waiting, setWaiting] = useState<readonly EventItem[]>([])
  const [state, setState] = useState<Tail["state"]>("off")
  const [skipped, setSkipped] = useState(false)
  const pausedNow = useRef(paused)
  useEffect(() => {
    pausedNow.current = paused
  }, [paused])

  useEffect(() => {
    setShown([])
    setWaiting([])
    setSkipped(false)
    if (!on) {
      setState("off")
      return
    }
    setState("connecting")
    const arrived: EventItem[] = []
    const stream = new EventSource(`/api/v1/events/stream${search}`)
    stream.addEventListener("open", () => setState("live"))
    stream.addEventListener("error", () => setState(stream.readyState === EventSource.CLOSED ? "ended" : "connecting"))
    stream.addEventListener("event", (message: MessageEvent<string>) => {
      arrived.unshift(JSON.parse(message.data) as EventItem)
    })
    stream.addEventListener("more", () => setSkipped(true))
    stream.addEventListener("end", () => {
      stream.close()
      setState("ended")
    })
    const timer = setInterval(() => {
      if (arrived.length === 0) return
      const batch = arrived.splice(0)
      const add = (kept: readonly EventItem[]) =>
        [...batch, ...kept.filter((k) => !batch.some((b) => b.id === k.id))].slice(0, keptMax)
      if (pausedNow.current) setWaiting(add)
      else setShown(add)
    }, flushMs)
    return () => {
      clearInterval(timer)
      stream.close()
    }
  }, [on, search])

  const flush = () => {
    setShown((kept) => [...waiting, ...kept].slice(0, keptMax))
    setWaiting([])
  }
  return { shown, waiting: waiting.length, state, skipped, flush }
}
