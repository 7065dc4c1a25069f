"use client"

import type { ReactNode } from "react"
import { control } from "./control.ts"
import { Floating, useOpener, type Opener } from "./Floating.tsx"
import type { Align } from "./place.ts"

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
  const { open, opener, surface } = useOpener("dialog", control)
  return (
    <>
      {button(opener)}
      {open && (
        <Floating {...surface} aria-label={label} align={align} width={width}>
          {children(surface.close)}
        </Floating>
      )}
    </>
  )
}
