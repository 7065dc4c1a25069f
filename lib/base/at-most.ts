/**
 * Lets no more than `width` run at a time, in the order in which they asked. For calls that come in by themselves; a list
 * that is known goes through `spread`.
 */
export function atMost(width: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (run) => {
    if (running >= width) await new Promise<void>((go) => waiting.push(go))
    else running++
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
