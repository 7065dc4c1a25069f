import { useEffect, useRef, type HTMLAttributes, type RefObject } from "react"
import classes from "./Floating.module.css"
import type { Align } from "./place.ts"
import { useTopLayer } from "./useTopLayer.ts"

/** What the button that opens something must be given. */
export interface Opener {
  readonly ref: RefObject<HTMLButtonElement | null>
  readonly id: string
  readonly onClick: () => void
  readonly "aria-haspopup": "dialog" | "menu"
  readonly "aria-expanded": boolean
  readonly "aria-controls": string | undefined
}

/**
 * The focus goes to `first` of what opens under `id`, and to the button again when that is closed; if somebody took it elsewhere,
 * it stays there.
 */
export function useFocusInside(open: boolean, id: string, anchor: RefObject<HTMLElement | null>, first: string): void {
  useEffect(() => {
    if (!open) return
    const button = anchor.current
    const box = document.getElementById(id)
    const inside = box?.querySelector<HTMLElement>(first) ?? box
    inside?.focus({ preventScroll: true })
    return () => {
      const { activeElement } = document
      if (activeElement === document.body || box?.contains(activeElement)) button?.focus({ preventScroll: true })
    }
  }, [open, id, anchor, first])
}

/** An open surface beside its button. It asks to be closed by `Esc`, by a press outside, and when the focus goes elsewhere. */
export function Floating({
  anchor,
  align,
  width,
  close,
  children,
  ...rest
}: HTMLAttributes<HTMLDivElement> & {
  anchor: RefObject<HTMLElement | null>
  align: Align
  width?: number | undefined
  close: () => void
}) {
  const box = useRef<HTMLDivElement>(null)
  const layer = useTopLayer(anchor, align)
  const leave = useRef(close)
  useEffect(() => {
    leave.current = close
  })
  useEffect(() => {
    const outside = (target: EventTarget | null) =>
      target instanceof Node && !box.current?.contains(target) && !anchor.current?.contains(target)
    const elsewhere = (event: Event) => {
      if (outside(event.target)) leave.current()
    }
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return
      event.preventDefault()
      event.stopImmediatePropagation()
      leave.current()
    }
    document.addEventListener("pointerdown", elsewhere, true)
    document.addEventListener("focusin", elsewhere)
    window.addEventListener("keydown", key, true)
    return () => {
      document.removeEventListener("pointerdown", elsewhere, true)
      document.removeEventListener("focusin", elsewhere)
      window.removeEventListener("keydown", key, true)
    }
  }, [anchor])
  return (
    <div
      popover="manual"
      tabIndex={-1}
      {...rest}
      className={classes.box}
      style={{ width }}
      ref={(element) => {
        box.current = element
        return layer(element)
      }}
    >
      {children}
    </div>
  )
}
