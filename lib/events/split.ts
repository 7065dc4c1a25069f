import { isUtf8 } from "node:buffer"
import { Refused } from "../base/errors.ts"
import { limits } from "./limits.ts"
import { decodeLine } from "./text.ts"

const lf = 10

/**
 * A body to the JSON texts in it: the members of one array, one object (over many lines, perhaps), or each non-empty line.
 * Nothing is parsed here, so a broken line stays one broken line. Throws Refused 413 beyond 10,000.
 */
export function splitLines(bytes: Buffer): string[] {
  const text = isUtf8(bytes) ? bytes.toString("utf8") : null
  const start = firstVisible(bytes)
  if (start < 0) return []
  if (bytes[start] === 0x5b) {
    const whole = text ?? decodeLine(bytes)
    const members = arrayMembers(whole)
    if (members) return members
  } else if (bytes[start] === 0x7b && isOneObject(bytes, start)) return [(text ?? decodeLine(bytes)).trim()]
  return text === null ? byteLines(bytes) : textLines(text)
}

function firstVisible(bytes: Buffer): number {
  for (let i = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0; i < bytes.length; i++) {
    const c = bytes[i] ?? 0
    if (c !== 32 && c !== 9 && c !== 13 && c !== lf) return i
  }
  return -1
}

function textLines(text: string): string[] {
  const lines: string[] = []
  for (let from = text.charCodeAt(0) === 0xfeff ? 1 : 0; from < text.length;) {
    const at = text.indexOf("\n", from)
    const end = at < 0 ? text.length : at
    const line = text.slice(from, end).trim()
    if (line !== "") push(lines, line)
    from = end + 1
  }
  return lines
}

function byteLines(bytes: Buffer): string[] {
  const lines: string[] = []
  for (let from = 0; from < bytes.length;) {
    const at = bytes.indexOf(lf, from)
    const end = at < 0 ? bytes.length : at
    const line = decodeLine(bytes.subarray(from, end)).trim()
    if (line !== "") push(lines, line)
    from = end + 1
  }
  return lines
}

function push(lines: string[], line: string): void {
  if (lines.length >= limits.lines)
    throw new Refused("too_many_lines", `A batch may have ${limits.lines} lines.`, { status: 413 })
  lines.push(line)
}

/** Does the first line leave its object open? Then the whole body is one object, printed over several lines. */
function isOneObject(bytes: Buffer, start: number): boolean {
  const end = bytes.indexOf(lf, start)
  if (end < 0) return true
  let depth = 0
  let inString = false
  for (let i = start; i < end; i++) {
    const c = bytes[i]
    if (inString) {
      if (c === 92) i++
      else if (c === 34) inString = false
    } else if (c === 34) inString = true
    else if (c === 0x7b || c === 0x5b) depth++
    else if (c === 0x7d || c === 0x5d) depth--
  }
  // A cut line of NDJSON is open too; the next line of one printed object never starts with a brace.
  const next = firstVisible(bytes.subarray(end))
  return depth > 0 && (next < 0 || bytes[end + next] !== 0x7b)
}

/** The texts between the commas of the outermost array; null when its brackets do not close. */
function arrayMembers(text: string): string[] | null {
  const members: string[] = []
  let depth = 0
  let from = -1
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 34) {
      i = endOfString(text, i)
      if (i < 0) return null
    } else if (c === 91 || c === 123) {
      if (++depth === 1) from = i + 1
    } else if (c === 93 || c === 125) {
      if (--depth === 0) {
        const last = text.slice(from, i).trim()
        if (last !== "" || members.length > 0) push(members, last)
        return text.slice(i + 1).trim() === "" ? members : null
      }
    } else if (c === 44 && depth === 1) {
      push(members, text.slice(from, i).trim())
      from = i + 1
    }
  }
  return null
}

function endOfString(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 92) i++
    else if (c === 34) return i
  }
  return -1
}
