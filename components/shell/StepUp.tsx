"use client"

import dynamic from "next/dynamic"
import { useEffect, useRef, useState } from "react"
import { answerStepUps } from "../stepUp.ts"
import { useEscape } from "../ui/useEscape.ts"

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
  useEscape(open, () => end(false))
  return open && <StepUpDialog onEnd={end} />
}
