"use client"

import { useEffect, useRef } from "react"

/** Single-letter keys can be switched off (WCAG 2.1.4). */
export const keysSetting = "grantry-keys"
const off = (): boolean => window.localStorage.getItem(keysSetting) === "off"

/** Inside a field, a dialog or a menu a letter is text, never a command. */
function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest('[role="dialog"],[role="menu"],[role="listbox"]') !== null
  )
}

/** Runs `keys[key]` for a plain key outside fields and dialogs. No key may fire a destructive act. */
export function useKeys(keys: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  const current = useRef(keys)
  useEffect(() => {
    current.current = keys
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || typing(event.target) || off())
        return
      const run = current.current[event.key]
      if (run) run(event)
    }
    document.addEventListener("keydown", listen)
    return () => document.removeEventListener("keydown", listen)
  }, [])
}
