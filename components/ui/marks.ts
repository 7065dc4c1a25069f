/** A stretch of text, or one character that must not act as itself: shown as its code point (reliability.md T10). */
export interface Stretch {
  readonly text: string
  readonly mark: boolean
}

/** C0, C1, soft hyphen, Arabic letter mark, zero width, line and paragraph separators, bidi controls, invisible operators, BOM, interlinear, tags, lone surrogates. */
const odd =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}\ud800-\udfff]/gu

const nameOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`

/** Parts text at every control, bidi or invisible character. Pure and total; joined, the stretches are the text with its marks spelt out. */
export function stretches(text: string): Stretch[] {
  const parts: Stretch[] = []
  let from = 0
  for (const found of text.matchAll(odd)) {
    if (found.index > from) parts.push({ text: text.slice(from, found.index), mark: false })
    parts.push({ text: nameOf(found[0]), mark: true })
    from = found.index + found[0].length
  }
  if (from < text.length) parts.push({ text: text.slice(from), mark: false })
  return parts
}

/** JSON whose odd characters are escapes, so that it is shown as it is, copied as it is, and still parses. */
export const visibleJson = (value: unknown): string =>
  (JSON.stringify(value, null, 2) ?? "null").replace(odd, (character) =>
    character === "\n"
      ? character
      : [...Array(character.length).keys()]
          .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`)
          .join(""),
  )
