"use client"

import dynamic from "next/dynamic"
import { useEffect, useLayoutEffect, useRef, useState } from "react"
import { answerStepUps } from "../stepUp.ts"

const StepUpDialog = dynamic(() => import("./StepUpDialog.tsx").then((m) => m.StepUpDialog), { ssr: false })

/**
 * Asks for the password where the API wants a fresh proof (`step_up_needed`), over whatever dialog is open. What was typed
 * there stays; after the proof the request goes out again by itself. `Esc` gives up the proof, not the dialog below.
 */
export function StepUp() {
  const [open, setOpen] = useState(false)
  const waiting = useRef<((confirmed: boolean) => void)[]>([])
  const end = (confirmed: boolean) => {
    setOpen(false)
    for (const resolve of waiting.current.splice(0)) resolve(confirmed)
  }
  useEffect(
    () =>
      answerStepUps(
        () =>
          new Promise((resolve) => {
            waiting.current.push(resolve)
            setOpen(true)
          }),
      ),
    [],
  )
  // Every dialog listens on the window, first come first served: a layout effect of the shell comes before them all.
  useLayoutEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.isComposing || waiting.current.length === 0) return
      event.stopImmediatePropagation()
      end(false)
    }
    window.addEventListener("keydown", escape, { capture: true })
    return () => window.removeEventListener("keydown", escape, { capture: true })
  }, [])
  return open && <StepUpDialog onEnd={end} />
}
