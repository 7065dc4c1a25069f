/** What one pass over a JSON text tells before it is parsed. */
export interface Scan {
  /** Deepest nesting of brackets outside of strings. */
  readonly depth: number
  /** Colons outside of strings: members of all objects, twice written ones included. */
  readonly members: number
  /** A number with more digits than a double holds, or an exponent beyond it, may be in it. */
  readonly bigNumber: boolean
  readonly escapes: boolean
}

/** Counts without recursion, so that no depth can hurt. Total: broken JSON gives some numbers, and the parser says the rest. */
export function scan(text: string): Scan {
  let depth = 0
  let deepest = 0
  let members = 0
  let run = 0
  let bigNumber = false
  const escapes = text.includes("\\")
  const length = text.length
  for (let i = 0; i < length; i++) {
    const c = text.charCodeAt(i)
    if (c === 34) {
      run = 0
      for (;;) {
        const end = text.indexOf('"', i + 1)
        if (end < 0) return { depth: deepest, members, bigNumber, escapes }
        const slash = text.charCodeAt(end - 1) === 92
        i = end
        if (!slash) break
        let count = 1
        while (text.charCodeAt(end - 1 - count) === 92) count++
        if (count % 2 === 0) break
      }
    } else if (c >= 48 && c <= 57) {
      if (++run > 15) bigNumber = true
    } else {
      if (run > 0 && (c === 101 || c === 69)) bigNumber = true
      if (c !== 46) run = 0
      if (c === 58) members++
      else if (c === 123 || c === 91) {
        if (++depth > deepest) deepest = depth
      } else if (c === 125 || c === 93) depth--
    }
  }
  return { depth: deepest, members, bigNumber, escapes }
}

/** Members of all objects in a parsed value. Depth is bounded by the scan before it. */
export function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0
  let count = 0
  if (Array.isArray(value)) for (const item of value) count += countMembers(item)
  else {
    for (const key of Object.keys(value)) count += 1 + countMembers((value as Record<string, unknown>)[key])
  }
  return count
}
