import { useCallback, type RefCallback, type RefObject } from "react"
import { place, type Align } from "./place.ts"

/**
 * For an element with `popover="manual"`: while it is there, it stands in the browser's top layer beside its anchor, over every
 * dialog, and follows when the page scrolls or it grows itself.
 */
export function useTopLayer(
  anchor: RefObject<Element | null>,
  align: Align,
  side: "below" | "above" = "below",
): RefCallback<HTMLElement> {
  return useCallback(
    (element: HTMLElement | null) => {
      if (!element) return
      const put = () => {
        const from = anchor.current?.getBoundingClientRect()
        if (!from) return
        const height = element.scrollHeight + element.offsetHeight - element.clientHeight
        const screen = { width: document.documentElement.clientWidth, height: window.innerHeight }
        const { left, top, maxHeight } = place(from, { width: element.offsetWidth, height }, screen, align, side)
        Object.assign(element.style, { left: `${left}px`, top: `${top}px`, maxHeight: `${maxHeight}px` })
      }
      const scrolled = (event: Event) => {
        if (!(event.target instanceof Node && element.contains(event.target))) put()
      }
      element.showPopover()
      put()
      const grown = new ResizeObserver(put)
      grown.observe(element)
      window.addEventListener("scroll", scrolled, { capture: true, passive: true })
      window.addEventListener("resize", put)
      return () => {
        grown.disconnect()
        window.removeEventListener("scroll", scrolled, { capture: true })
        window.removeEventListener("resize", put)
      }
    },
    [anchor, align, side],
  )
}
