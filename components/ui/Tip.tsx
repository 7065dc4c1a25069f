"use client"

import { useEffect, useId, useRef, useState, type ReactNode } from "react"
import { control } from "./control.ts"
import classes from "./Tip.module.css"
import { useEscape } from "./useEscape.ts"
import { useTopLayer } from "./useTopLayer.ts"

const patienceMs = 300
/** Long enough for the pointer to come over to the words (WCAG 1.4.13: hoverable). */
const graceMs = 100

/** A short explanation of the one control in it, on hover, focus and touch; `Esc` takes it away, wherever the focus is. */
export function Tip({ label, children }: { label: string; children: ReactNode }) {
  const [shown, setShown] = useState(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const target = useRef<Element | null>(null)
  const id = useId()
  const layer = useTopLayer(target, "middle", "above")
  const turn = (on: boolean, afterMs: number) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setShown(on), afterMs)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    if (!shown || !target.current) return
    // A switch stands in a frame with its label: the words belong to what a screen reader stops at.
    const described = target.current.matches(control)
      ? target.current
      : (target.current.querySelector(control) ?? target.current)
    described.setAttribute("aria-describedby", id)
    return () => described.removeAttribute("aria-describedby")
  }, [shown, id])
  useEscape(shown, () => turn(false, 0))
  return (
    <span
      role="presentation"
      className={classes.around}
      ref={(element) => {
        target.current = element?.firstElementChild ?? null
      }}
      onMouseEnter={() => turn(true, patienceMs)}
      onMouseLeave={() => turn(false, graceMs)}
      onFocus={(event) => {
        if (event.target.matches(":focus-visible")) turn(true, 0)
      }}
      onBlur={() => turn(false, 0)}
    >
      {children}
      {shown && (
        <span popover="manual" role="tooltip" id={id} className={classes.tip} ref={layer}>
          {label}
        </span>
      )}
    </span>
  )
}
