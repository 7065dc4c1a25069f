import { isUtf8 } from "node:buffer"

/** C0, DEL and lone surrogates: what Postgres refuses, or what hides in a log. Tab, LF and CR included. */
const unclean = /[\u0000-\u001f\u007f]/
const refusedByPostgres = /\u0000/g
const loneSurrogate = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** A word that is looked up (client, audience, trace...): well-formed and without control characters. */
export const isCleanWord = (text: string): boolean => text.isWellFormed() && !unclean.test(text)

/**
 * Free text for Postgres: NUL and lone surrogates become a visible escape, so that nobody hides an event by one
 * (reliability.md 4.4). Bytes that were no UTF-8 come as U+DC80 to U+DCFF (see decodeLine) and are shown as `\xNN`.
 */
export function visible(text: string): string {
  return text.replace(refusedByPostgres, "\\u0000").replace(loneSurrogate, (unit) => {
    const code = unit.charCodeAt(0)
    return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code - 0xdc00).toString(16)}` : `\\u${code.toString(16)}`
  })
}

export const needsEscape = (text: string): boolean => text.includes("\u0000") || !text.isWellFormed()

/** Bytes as text. A byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte, so that it is seen later. */
export function decodeLine(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isUtf8(buffer)) return buffer.toString("utf8")
  let text = ""
  for (let i = 0; i < buffer.length;) {
    const length = sequenceLength(buffer, i)
    text += length === 0 ? String.fromCharCode(0xdc00 + (buffer[i] ?? 0)) : buffer.toString("utf8", i, i + length)
    i += length || 1
  }
  return text
}

/** Length of the valid UTF-8 sequence at `i`, or 0. */
function sequenceLength(buffer: Buffer, i: number): number {
  const first = buffer[i] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  return length > 0 && i + length <= buffer.length && isUtf8(buffer.subarray(i, i + length)) ? length : 0
}
