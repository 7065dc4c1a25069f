import { nameOf } from "./base64url.ts"

/** RFC 8259 section 9 lets a parser limit the depth; ours is V3. */
export const depthMax = 32

export type StrictJson =
  | { readonly value: unknown }
  | { readonly problem: string; readonly code: "utf8" | "bom" | "syntax" | "duplicate" | "depth"; readonly at: number }

/**
 * JSON with one meaning only (RFC 8725 section 2.6, V3): UTF-8 without a BOM, no duplicate member, at most 32 levels.
 * `at` counts octets from 0. Never throws. Member names such as `__proto__` become plain own members.
 */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { problem: "starts with a byte order mark", code: "bom", at: 0 }
  }
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return { problem: "is not UTF-8", code: "utf8", at: firstBadOctet(bytes) }
  }
  const wrong = scan(text)
  if (wrong) return { ...wrong, at: new TextEncoder().encode(text.slice(0, wrong.at)).length }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return { problem: "is not JSON", code: "syntax", at: 0 }
  }
}

/** The longest prefix that decodes, found by halving: a broken sequence stays broken whatever follows. */
function firstBadOctet(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, middle), { stream: true })
      good = middle
    } catch {
      bad = middle
    }
  }
  return good
}

class Wrong extends Error {
  readonly code: "syntax" | "duplicate" | "depth"
  readonly at: number
  constructor(message: string, code: "syntax" | "duplicate" | "depth", at: number) {
    super(message)
    this.code = code
    this.at = at
  }
}

const space = /[ \t\n\r]*/y
const literal = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// RFC 8259 section 7: no raw control character in a string. Unrolled, so that a long string takes one step, not thousands.
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y

/** Walks the text once by the grammar of RFC 8259; answers the first thing that is wrong, in UTF-16 units. */
function scan(text: string): { problem: string; code: Wrong["code"]; at: number } | null {
  let at = 0
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? null
    if (found !== null) at += found.length
    return found
  }
  const unexpected = (wanted: string): never => {
    const found = at < text.length ? nameOf(text.charAt(at)) : "the end"
    throw new Wrong(`has ${found} where ${wanted} should be`, "syntax", at)
  }
  const skip = () => void take(space)
  const accept = (letter: string): boolean => {
    if (text.charAt(at) !== letter) return false
    at += 1
    return true
  }
  const value = (depth: number): void => {
    if (depth > depthMax) throw new Wrong(`is nested deeper than ${String(depthMax)} levels`, "depth", at)
    skip()
    if (accept("{")) members(depth)
    else if (accept("[")) items(depth)
    else if (take(string) === null && take(literal) === null) unexpected("a value")
    skip()
  }
  const members = (depth: number): void => {
    const seen = new Set<string>()
    skip()
    if (accept("}")) return
    do {
      skip()
      const start = at
      const raw = take(string) ?? unexpected("a member name")
      const name = JSON.parse(raw) as string
      if (seen.has(name))
        throw new Wrong(`has the member ${JSON.stringify(name.slice(0, 64))} twice`, "duplicate", start)
      seen.add(name)
      skip()
      if (!accept(":")) unexpected("a colon")
      value(depth + 1)
    } while (accept(","))
    if (!accept("}")) unexpected('"," or "}"')
  }
  const items = (depth: number): void => {
    skip()
    if (accept("]")) return
    do value(depth + 1)
    while (accept(","))
    if (!accept("]")) unexpected('"," or "]"')
  }
  try {
    value(0)
    if (at < text.length) unexpected("the end")
    return null
  } catch (error) {
    if (error instanceof Wrong) return { problem: error.message, code: error.code, at: error.at }
    throw error
  }
}
