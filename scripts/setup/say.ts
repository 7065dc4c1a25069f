/** Plain lines for the terminal, one per phase, with seconds. */
export type Say = (line: string) => void

export const say: Say = (line) => console.log(line)

/** Runs a phase and prints its line afterwards, `name (2.3 s)`; what it returns is passed on. Short phases stay silent. */
export async function phase<T>(
  name: string,
  run: () => Promise<T>,
  { from = 0.3, to = say }: { from?: number; to?: Say } = {},
): Promise<T> {
  const began = performance.now()
  const result = await run()
  const seconds = (performance.now() - began) / 1000
  if (seconds >= from) to(`  ${name} (${seconds.toFixed(1)} s)`)
  return result
}
