const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const valueOf = new Map([...alphabet].map((letter, value) => [letter, value]))

export type Base64url = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly problem: string; readonly at: number }

/**
 * Strict base64url, RFC 7515 section 2: no padding, no `+ /`, no whitespace, and no stray trailing bits, so that each
 * octet string has exactly one spelling (V2). `at` is the index of the first character that is wrong.
 * No Buffer here: the browser runs this file too.
 */
export function decodeBase64url(text: string): Base64url {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let written = 0
  for (let at = 0; at < text.length; at += 1) {
    const value = valueOf.get(text.charAt(at))
    if (value === undefined) return { problem: `${nameOf(text.charAt(at))} is not a base64url character`, at }
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[written] = (bits >> held) & 0xff
      written += 1
    }
  }
  if (text.length % 4 === 1) return { problem: "one base64url character too many or too few", at: text.length - 1 }
  if ((bits & ((1 << held) - 1)) !== 0) {
    return {
      problem: "the last base64url character carries stray bits: a second spelling of the same octets",
      at: text.length - 1,
    }
  }
  return { bytes }
}

export function encodeBase64url(bytes: Uint8Array): string {
  let text = ""
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff
    held += 8
    while (held >= 6) {
      held -= 6
      text += alphabet.charAt((bits >> held) & 63)
    }
  }
  return held > 0 ? text + alphabet.charAt((bits << (6 - held)) & 63) : text
}

/** A character as a person can read it: `"+"`, or `U+000A` for one that cannot be shown. */
export function nameOf(character: string): string {
  const code = character.charCodeAt(0)
  return code > 0x20 && code < 0x7f ? `"${character}"` : `U+${code.toString(16).toUpperCase().padStart(4, "0")}`
}
