/**
 * A known list, at most `atOnce` of it side by side, begun and answered in its order. Once one fails no further one is
 * begun; the first failure is thrown when those under way are over. (`atMost` is for calls that come in by themselves.)
 */
export async function spread<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const failures: unknown[] = []
  const waiting = [...items.entries()]
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && failures.length === 0; next = waiting.shift()) {
      const [at, item] = next
      try {
        results[at] = await run(item)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(atOnce, items.length)) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
