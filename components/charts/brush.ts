/** A range of buckets that is being chosen: `anchor` is where it began, `head` where it is now. Indices from 0. */
export interface Brush {
  readonly anchor: number
  readonly head: number
}

export const low = (b: Brush): number => Math.min(b.anchor, b.head)
export const high = (b: Brush): number => Math.max(b.anchor, b.head)

/**
 * What a key does to the choice: arrows move, with Shift they stretch it, Home and End go to the edges. Null for any other
 * key. Without a choice, the first arrow starts at the last bucket, where the newest events are.
 */
export function steered(brush: Brush | null, key: string, shift: boolean, count: number): Brush | null {
  const last = count - 1
  const at = brush?.head ?? last + (key === "ArrowLeft" ? 1 : 0)
  const head = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[key]
  if (head === undefined || count === 0) return null
  const clamped = Math.max(0, Math.min(last, head))
  return { anchor: shift && brush ? brush.anchor : clamped, head: clamped }
}

/** The bucket under `x` of a strip that is `width` wide. */
export const bucketAt = (x: number, width: number, count: number): number =>
  Math.max(0, Math.min(count - 1, Math.floor((x / Math.max(1, width)) * count)))
