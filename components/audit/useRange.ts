"use client"

import { useQueryStates } from "nuqs"
import { useCallback, useMemo, useRef, useState } from "react"
import { rangeParams } from "./params.ts"
import { stamp, widened, windowOf, type Spoken, type Window } from "./range.ts"

export interface Range {
  readonly spoken: Spoken
  /** As of the last refresh, so that chart, facets and rows are of the same moment. */
  readonly window: Window
  readonly setSince: (since: string) => void
  readonly setBetween: (fromMs: number, toMs: number) => void
  readonly zoomOut: () => void
  /** Moves a relative range up to now. */
  readonly refresh: () => void
  /** A start and an end in place of "the last hour", for a link that shows the same rows tomorrow. */
  readonly freeze: () => void
}

/** The time range of a page, in its URL. */
export function useRange(): Range {
  const [spoken, set] = useQueryStates(rangeParams, { history: "push" })
  const [nowMs, setNow] = useState(() => Date.now())
  const { since, from, to } = spoken
  const window = useMemo(() => windowOf({ since, from, to }, nowMs), [since, from, to, nowMs])
  const before = useRef<Spoken[]>([])
  const setBetween = useCallback(
    (fromMs: number, toMs: number) => void set({ since: null, from: stamp(fromMs), to: stamp(toMs) }),
    [set],
  )
  return {
    spoken,
    window,
    setSince: (next) => {
      before.current = []
      setNow(Date.now())
      void set({ since: next, from: null, to: null })
    },
    setBetween: (fromMs, toMs) => {
      before.current.push(spoken)
      setBetween(fromMs, toMs)
    },
    zoomOut: () => {
      const back = before.current.pop()
      if (back) void set(back)
      else {
        const wide = widened(window, Date.now())
        setBetween(wide.fromMs, wide.toMs)
      }
    },
    refresh: () => setNow(Date.now()),
    freeze: () => setBetween(window.fromMs, window.toMs ?? nowMs),
  }
}
