"use client"

import { useEffect, useRef, useState } from "react"

/** At most one message per five seconds reaches a live region (WCAG 4.1.3); the last one always does. */
const quietMs = 5_000

export function usePolite(message: string): string {
  const [spoken, setSpoken] = useState("")
  const last = useRef(0)
  useEffect(() => {
    const wait = Math.max(0, last.current + quietMs - Date.now())
    const timer = setTimeout(() => {
      last.current = Date.now()
      setSpoken(message)
    }, wait)
    return () => clearTimeout(timer)
  }, [message])
  return spoken
}
