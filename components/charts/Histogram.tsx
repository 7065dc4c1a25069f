"use client"

import { Skeleton, VisuallyHidden } from "@mantine/core"
import dynamic from "next/dynamic"
import { useId, useState, type KeyboardEvent, type PointerEvent } from "react"
import { absolute } from "../ui/time.ts"
import { useZone } from "../ui/zone.tsx"
import { bucketAt, high, low, steered, type Brush } from "./brush.ts"
import classes from "./charts.module.css"
import type { Bucket } from "./HistogramBars.tsx"

const height = 128
const HistogramBars = dynamic(() => import("./HistogramBars.tsx").then((m) => m.HistogramBars), {
  ssr: false,
  loading: () => <Skeleton height={height} />,
})
const n = new Intl.NumberFormat("en")

interface Props {
  readonly buckets: readonly Bucket[]
  readonly stepMs: number
  readonly summary: string
  /** Times of which some source cannot show that nothing is missing: hatched, for nothing may be concluded over them. */
  readonly gaps?: readonly { readonly fromMs: number; readonly toMs: number }[]
  readonly onZoom: (fromMs: number, toMs: number) => void
  readonly onZoomOut: () => void
}

/** Bars over time. Drag, or Shift with arrows and Enter, zooms in; a double click, or Backspace, zooms out. */
export function Histogram({ buckets, stepMs, summary, gaps = [], onZoom, onZoomOut }: Props) {
  const zone = useZone()
  const help = useId()
  const [brush, setBrush] = useState<Brush | null>(null)
  const [drawing, setDrawing] = useState(false)
  const [hover, setHover] = useState<number | null>(null)
  const count = buckets.length
  const end = (buckets.at(-1)?.atMs ?? 0) + stepMs
  const spanMs = end - (buckets[0]?.atMs ?? 0)
  const zoom = (b: Brush) => {
    const from = buckets[low(b)]?.atMs
    const to = buckets[high(b)]?.atMs
    setBrush(null)
    setDrawing(false)
    if (from !== undefined && to !== undefined) onZoom(from, to + stepMs)
  }
  const under = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return bucketAt(event.clientX - box.left, box.width, count)
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && brush) {
      event.preventDefault()
      zoom(brush)
      return
    }
    if (event.key === "Backspace") {
      event.preventDefault()
      onZoomOut()
      return
    }
    if (event.key === "Escape" && brush) {
      event.preventDefault()
      setBrush(null)
      return
    }
    const next = steered(brush, event.key, event.shiftKey, count)
    if (next) {
      event.preventDefault()
      setBrush(next)
      setHover(null)
    }
  }
  const at = hover ?? brush?.head ?? null
  const shown = at === null ? undefined : buckets[at]
  const clock = (ms: number) => absolute(new Date(ms).toISOString(), zone.name, { short: stepMs >= 60_000 })
  const told =
    brush && brush.anchor !== brush.head
      ? `${clock(buckets[low(brush)]?.atMs ?? 0)} to ${clock((buckets[high(brush)]?.atMs ?? 0) + stepMs)}`
      : shown
        ? `${clock(shown.atMs)}: ${n.format(shown.success)} success, ${n.format(shown.failure)} failure`
        : ""
  const startMs = buckets[0]?.atMs ?? 0
  const share = (ms: number) => Math.max(0, Math.min(100, ((ms - startMs) / Math.max(1, spanMs)) * 100))
  const percent = (i: number) => `${(i / Math.max(1, count)) * 100}%`

  return (
    <figure style={{ margin: 0 }}>
      <div className={classes.chart} style={{ height }}>
        <HistogramBars buckets={buckets} spanMs={spanMs} zone={zone.name} height={height} />
        <div
          className={classes.overlay}
          style={{ left: 44, right: 0 }}
          role="group"
          tabIndex={0}
          aria-label="Events over time"
          aria-describedby={help}
          onKeyDown={onKey}
          onBlur={() => {
            if (!drawing) setBrush(null)
          }}
          onDoubleClick={onZoomOut}
          onPointerDown={(e) => {
            if (e.button !== 0) return
            e.currentTarget.setPointerCapture(e.pointerId)
            setDrawing(true)
            setBrush({ anchor: under(e), head: under(e) })
          }}
          onPointerMove={(e) => {
            const i = under(e)
            setHover(i)
            if (drawing) setBrush((b) => (b ? { ...b, head: i } : b))
          }}
          onPointerUp={() => {
            if (drawing && brush && brush.anchor !== brush.head) zoom(brush)
            else {
              setDrawing(false)
              setBrush(null)
            }
          }}
          onPointerCancel={() => {
            setDrawing(false)
            setBrush(null)
          }}
          onPointerLeave={() => setHover(null)}
        >
          {count > 0 &&
            gaps
              .filter((g) => g.toMs > startMs && g.fromMs < end)
              .map((g) => (
                <div
                  key={g.fromMs}
                  className={classes.gap}
                  style={{ left: `${share(g.fromMs)}%`, width: `${share(g.toMs) - share(g.fromMs)}%` }}
                />
              ))}
          {at !== null && !drawing && (
            <div className={classes.pointer} style={{ left: percent(at), width: percent(1) }} />
          )}
          {brush && brush.anchor !== brush.head && (
            <div
              className={classes.brush}
              style={{ left: percent(low(brush)), width: percent(high(brush) - low(brush) + 1) }}
            />
          )}
          {told && at !== null && (
            <div
              className={classes.tip}
              style={
                at > count / 2
                  ? { right: `calc(${percent(count - at)} + 8px)` }
                  : { left: `calc(${percent(at + 1)} + 8px)` }
              }
            >
              {told}
            </div>
          )}
        </div>
      </div>
      <VisuallyHidden id={help}>
        Arrow keys walk through the bars, Shift with arrow keys chooses a range, Enter zooms in, Backspace zooms out.
      </VisuallyHidden>
      <VisuallyHidden aria-live="polite">{brush ? told : ""}</VisuallyHidden>
      <figcaption className={classes.legend} style={{ paddingLeft: 44 }}>
        <Key hatched={false}>success</Key>
        <Key hatched>failure</Key>
        {gaps.length > 0 && (
          <span className={classes.key}>
            <span className={classes.gapKey} aria-hidden />
            gap in a source
          </span>
        )}
        <span>{summary}</span>
      </figcaption>
    </figure>
  )
}

function Key({ hatched, children }: { hatched: boolean; children: string }) {
  return (
    <span className={`${classes.key} ${classes.chart}`} style={{ width: "auto" }}>
      <svg width="12" height="12" aria-hidden>
        <rect width="12" height="12" rx="2" fill={hatched ? "url(#key-hatch)" : "var(--chart-1)"} />
        {hatched && (
          <defs>
            <pattern id="key-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="5" height="5" fill="var(--chart-2)" />
              <line x1="0" y1="0" x2="0" y2="5" stroke="var(--surface)" strokeWidth="2.2" />
            </pattern>
          </defs>
        )}
      </svg>
      {children}
    </span>
  )
}
