/**
 * Group commit: what is handed in while a write is under way goes into the next one, all of it together, at most `most` at
 * once. `write` must be all or nothing and answer in the order of its items. A joint write whose failure is one item's own
 * (`alone` says so: nothing was written, and the others would have been) is repeated item by item, so that it is told to
 * whom it belongs. Any other failure is everybody's: what may have been written is never written again here. Each caller
 * is answered when its own item is written.
 */
export function together<T, R>(
  write: (items: readonly T[]) => Promise<readonly R[]>,
  alone: (error: unknown) => boolean,
  most = 64,
): (item: T) => Promise<R> {
  interface Waiting {
    readonly item: T
    readonly done: (result: R) => void
    readonly fail: (error: unknown) => void
  }
  const waiting: Waiting[] = []
  let writing = false

  async function each(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await write(batch.map(({ item }) => item))
      if (results.length !== batch.length) throw new Error(`${batch.length} items got ${results.length} results`)
      for (const [at, result] of results.entries()) batch[at]?.done(result)
    } catch (error) {
      if (batch.length > 1 && alone(error)) for (const one of batch) await each([one])
      else for (const one of batch) one.fail(error)
    }
  }

  async function drain(): Promise<void> {
    writing = true
    // Whoever hands in within the same turn goes along.
    await Promise.resolve()
    while (waiting.length > 0) await each(waiting.splice(0, most))
    writing = false
  }

  return (item) =>
    new Promise<R>((done, fail) => {
      waiting.push({ item, done, fail })
      if (!writing) void drain()
    })
}
