const n = new Intl.NumberFormat("en")

/**
 * What stands in a field for a whole number: the number, the empty text, or why it is neither. Digits, also in groups of three
 * (`86,400`, `86 400`, `86_400`); nothing else is guessed: `36.5`, `36,5`, `1e2` and `-90` are told, not turned into 365, 12 and 90.
 */
export function whole(text: string, min: number, max: number): { value: number | "" } | { why: string } {
  const typed = text.trim()
  if (typed === "") return { value: "" }
  if (!/^(\d+|\d{1,3}([,_ \u00a0\u202f]\d{3})+)$/.test(typed)) return { why: "A whole number, in digits only." }
  const value = Number(typed.replace(/\D/g, ""))
  return value >= min && value <= max ? { value } : { why: `From ${n.format(min)} to ${n.format(max)}.` }
}
