"use client"

import dynamic from "next/dynamic"
import { useEffect, useRef, useState } from "react"
import { answerStepUps } from "../stepUp.ts"

const StepUpDialog = dynamic(() => import("./StepUpDialog.tsx").then((m) => m.StepUpDialog), { ssr: false })

/**
 * Asks for the password where the API wants a fresh proof (`step_up_needed`), over whatever dialog is open. What was typed
 * there stays; after the proof the request goes out again by itself.
 */
export function StepUp() {
  const [open, setOpen] = useState(false)
  const waiting = useRef<((confirmed: boolean) => void)[]>([])
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
  const end = (confirmed: boolean) => {
    setOpen(false)
    for (const resolve of waiting.current.splice(0)) resolve(confirmed)
  }
  return open && <StepUpDialog onEnd={end} />
}
