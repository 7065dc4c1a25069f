import { useEffect, useEffectEvent, useId, useRef, useState, type HTMLAttributes, type RefObject } from "react"
import classes from "./Floating.module.css"
import type { Align } from "./place.ts"
import { useEscape } from "./useEscape.ts"
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
 * A button and the surface it opens: what each of the two is to be given. The focus goes to `first` of the surface, and to the
 * button again when that is closed; if somebody took it elsewhere, it stays there.
 */
export function useOpener(popup: "dialog" | "menu", first: string) {
  const [open, setOpen] = useState(false)
  const anchor = useRef<HTMLButtonElement>(null)
  const id = useId()
  useFocusInside(open, id, anchor, first)
  const close = () => setOpen(false)
  const opener: Opener = {
    ref: anchor,
    id: `${id}button`,
    onClick: () => setOpen(!open),
    "aria-haspopup": popup,
    "aria-expanded": open,
    "aria-controls": open ? id : undefined,
  }
  return { open, opener, surface: { id, role: popup, anchor, close } }
}

function useFocusInside(open: boolean, id: string, anchor: RefObject<HTMLElement | null>, first: string): void {
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
  const leave = useEffectEvent(close)
  useEscape(true, close)
  useEffect(() => {
    const outside = (target: EventTarget | null) =>
      target instanceof Node && !box.current?.contains(target) && !anchor.current?.contains(target)
    const elsewhere = (event: Event) => {
      if (outside(event.target)) leave()
    }
    document.addEventListener("pointerdown", elsewhere, true)
    document.addEventListener("focusin", elsewhere)
    return () => {
      document.removeEventListener("pointerdown", elsewhere, true)
      document.removeEventListener("focusin", elsewhere)
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
