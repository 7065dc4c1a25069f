import { useEffect, useEffectEvent } from "react"

/** What is open now, the last opened at the end. */
const layers: (() => void)[] = []

/** `Esc` in the middle of a composed character ends the composition, nothing of ours. */
function hear(event: KeyboardEvent): void {
  const last = layers.at(-1)
  if (event.key !== "Escape" || event.isComposing || !last) return
  event.preventDefault()
  event.stopImmediatePropagation()
  last()
}

// Every dialog of the library listens on the window, first come first served: this comes before them all, with the script.
if (typeof window !== "undefined") window.addEventListener("keydown", hear, true)

/** While `open`, `Esc` does `close` and nothing else; of several that are open, the last one opened takes it. */
export function useEscape(open: boolean, close: () => void): void {
  const act = useEffectEvent(close)
  useEffect(() => {
    if (!open) return
    const layer = () => act()
    layers.push(layer)
    return () => {
      layers.splice(layers.indexOf(layer), 1)
    }
  }, [open])
}
