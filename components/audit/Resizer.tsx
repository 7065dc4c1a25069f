"use client"

import { useRef, type KeyboardEvent } from "react"
import classes from "./Audit.module.css"

/** The left edge of the panel: drag it, or move it with the arrow keys. */
export function Resizer({
  width,
  set,
  least,
  most,
}: {
  width: number
  set: (width: number) => void
  least: number
  most: number
}) {
  const from = useRef<{ x: number; width: number } | null>(null)
  const onKey = (event: KeyboardEvent) => {
    const by = { ArrowLeft: 32, ArrowRight: -32 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    event.stopPropagation()
    set(width + by)
  }
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={Math.round(width)}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      className={classes.resizer}
      onKeyDown={onKey}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId)
        from.current = { x: e.clientX, width }
      }}
      onPointerMove={(e) => {
        if (from.current) set(from.current.width + from.current.x - e.clientX)
      }}
      onPointerUp={() => {
        from.current = null
      }}
      onPointerCancel={() => {
        from.current = null
      }}
    />
  )
}
