"use client"

import { useId, useRef, useState, type ReactNode } from "react"
import { Floating, useFocusInside, type Opener } from "./Floating.tsx"
import type { Align } from "./place.ts"

const tabbable = 'input, select, textarea, button, a[href], [tabindex="0"]'

/** A button, and a surface with fields or facts that it opens. The focus goes in, and back to the button. */
export function Popover({
  label,
  align = "start",
  width,
  button,
  children,
}: {
  label: string
  align?: Align
  width?: number
  button: (opener: Opener) => ReactNode
  children: (close: () => void) => ReactNode
}) {
  const [open, setOpen] = useState(false)
  const anchor = useRef<HTMLButtonElement>(null)
  const id = useId()
  useFocusInside(open, id, anchor, tabbable)
  const close = () => setOpen(false)
  return (
    <>
      {button({
        ref: anchor,
        id: `${id}button`,
        onClick: () => setOpen(!open),
        "aria-haspopup": "dialog",
        "aria-expanded": open,
        "aria-controls": open ? id : undefined,
      })}
      {open && (
        <Floating id={id} role="dialog" aria-label={label} anchor={anchor} align={align} width={width} close={close}>
          {children(close)}
        </Floating>
      )}
    </>
  )
}
