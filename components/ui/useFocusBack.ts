import { useEffect } from "react"

/** Gives the focus back to what had it when a dialog opened, also where closing takes the dialog out of the page at once. */
export function useFocusBack(opened: boolean): void {
  useEffect(() => {
    if (!opened) return
    const from = document.activeElement
    return () => {
      if (from instanceof HTMLElement && from.isConnected) from.focus({ preventScroll: true })
    }
  }, [opened])
}
