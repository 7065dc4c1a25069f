/** Where a series has a value and neither neighbour has one: a line would not show it, so it is drawn as a dot. */
export function lonely(values: readonly (number | null | undefined)[]): ReadonlySet<number> {
  const has = (at: number) => typeof values[at] === "number"
  return new Set([...values.keys()].filter((at) => has(at) && !has(at - 1) && !has(at + 1)))
}
