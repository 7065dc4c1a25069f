/**
 * Runs over all of them, at most `atOnce` side by side, and answers in their order. The first failure is thrown, and no
 * further one is begun.
 */
export async function spread<T, R>(items: readonly T[], atOnce: number, run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += atOnce)
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(run))))
  return results
}
