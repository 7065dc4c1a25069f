import { useEffect } from "react"
import { control } from "./control.ts"

/**
 * Gives the focus back to what had it when a dialog opened, also where closing takes the dialog out of the page at once. What
 * opened it may be gone by then (a button that did its work): the control beside it takes the focus.
 */
export function useFocusBack(opened: boolean): void {
  useEffect(() => {
    if (!opened) return
    const from = document.activeElement
    const around = from?.parentElement
    return () => {
      const to = from?.isConnected ? from : around?.isConnected ? around.querySelector(control) : null
      if (to instanceof HTMLElement) to.focus({ preventScroll: true })
    }
  }, [opened])
}
