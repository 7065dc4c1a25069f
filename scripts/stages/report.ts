import { tail } from "../setup/run.ts"

/** Where vitest and Playwright begin to tell what failed, after a line for each test that ran. */
const failures = /^⎯+ (Failed|Unhandled) |^ +1\) /m

/**
 * What a person reads of a test runner that failed: the failures first, and below them the end of what it said before, such as
 * logs. Of one that was stopped, or never came to its tests, the end.
 */
export function failuresFirst(text: string): string {
  const at = text.search(failures)
  if (at < 0) return tail(text, 120)
  return `${head(text.slice(at), 400)}\n\nBefore that it said:\n\n${tail(text.slice(0, at), 60)}`
}

/** The first lines; where there are more, how many. */
export function head(text: string, lines: number): string {
  const all = text.trim().split("\n")
  if (all.length <= lines) return all.join("\n")
  return `${all.slice(0, lines).join("\n")}\n(${all.length - lines} lines more)`
}
