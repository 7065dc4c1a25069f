/** Work on the event loop between two breaths. Milliseconds. */
const sliceMs = 12

const queue: (() => void)[] = []
let turning = false

/** One waiter per turn of the event loop: eight batches that go on in the same turn would hold it eight times as long. */
function turn(): void {
  queue.shift()?.()
  if (queue.length > 0) setImmediate(turn)
  else turning = false
}

/** A turn of the event loop for a piece of work of some milliseconds, which cannot be sliced. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    queue.push(resolve)
    if (turning) return
    turning = true
    setImmediate(turn)
  })
}

/** For a long loop: `await pace.rest()` now and then, which lets everything else run once this slice is used up. */
export class Pace {
  private since = performance.now()
  /** Null, for an `if` without a wait, while the slice lasts. */
  rest(): Promise<void> | null {
    if (performance.now() - this.since <= sliceMs) return null
    return breathe().then(() => {
      this.since = performance.now()
    })
  }
}
