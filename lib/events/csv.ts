/** First characters that spreadsheet programs take for a formula, their full-width forms too (reliability.md T11). */
const formula = /^[=+\-@\t\r\n\u0000\uff1d\uff0b\uff0d\uff20]/
const quoted = /[",\r\n]/

/** One cell, RFC 4180. What would be read as a formula gets a leading apostrophe. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return ""
  const text = typeof value === "string" ? value : JSON.stringify(value)
  // A number of ours is no formula, however negative.
  const risky = typeof value !== "number" && (formula.test(text) || formula.test(text.trimStart()))
  const safe = risky ? `'${text}` : text
  return quoted.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe
}

export const csvRow = (values: readonly unknown[]): string => `${values.map(csvCell).join(",")}\r\n`
