export interface GrantValues {
  readonly scopes: readonly string[]
  readonly reason: string
  /** As the browser's own field has it, in the viewer's zone: `2027-01-31T12:00`; empty for no end. */
  readonly until: string
}

export const noGrant: GrantValues = { scopes: [], reason: "", until: "" }
export const grantFieldNames = ["scopes", "reason", "expires_at"] as const

/** RFC 3339 of the end, null without one. */
export const endOf = (values: GrantValues): string | null =>
  values.until === "" ? null : new Date(values.until).toISOString()

/** What the browser's date field wants, in the viewer's zone. */
export function untilOf(expiresAt: string | null): string {
  if (!expiresAt) return ""
  const at = new Date(expiresAt)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
