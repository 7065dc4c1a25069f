export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** Which edge of the anchor it keeps to. */
export type Align = "start" | "end" | "middle"

export interface Placed {
  readonly left: number
  readonly top: number
  /** What fits between the anchor and the edge of the screen. */
  readonly maxHeight: number
}

const gap = 5
const margin = 8

/**
 * Where a box of `size` stands: on the wanted side of `anchor`, on the other one where it does not fit and there is more room,
 * and never beyond the left and right edge of `screen`. All in CSS pixels of the viewport.
 */
export function place(anchor: Box, size: Size, screen: Size, align: Align, side: "below" | "above" = "below"): Placed {
  const room = { below: screen.height - anchor.bottom - gap - margin, above: anchor.top - gap - margin }
  const other = side === "below" ? "above" : "below"
  const taken = size.height > room[side] && room[other] > room[side] ? other : side
  const maxHeight = Math.max(room[taken], 0)
  const wanted =
    align === "start"
      ? anchor.left
      : align === "end"
        ? anchor.right - size.width
        : (anchor.left + anchor.right - size.width) / 2
  return {
    left: Math.max(margin, Math.min(wanted, screen.width - size.width - margin)),
    top: taken === "below" ? anchor.bottom + gap : anchor.top - gap - Math.min(size.height, maxHeight),
    maxHeight,
  }
}
