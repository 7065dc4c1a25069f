/** How every normaliser reads a record of which nothing is sure: what is absent, empty or of another shape is null. Pure. */
import { isObject } from "../base/json.ts"
import type { NormalizeContext } from "./context.ts"

export const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)

/** An object within the record; without one, an empty one. */
export function part(record: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = Object.hasOwn(record, name) ? record[name] : undefined
  return isObject(value) ? value : {}
}

/** A member of the line, or none where the log does not tell it. */
export const known = <T>(field: string, value: T | null): Record<string, T> =>
  value === null ? {} : { [field]: value }

/** RFC 3339 with milliseconds, from any text that the platform reads as a time. */
export function time(value: unknown): string | null {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN
  return Number.isFinite(at) ? new Date(at).toISOString() : null
}

/** Scopes: one text, parted by spaces (RFC 6749 section 3.3) or as the provider does it, or a list. */
export function scopeWords(value: unknown, parted: RegExp = / +/): readonly string[] | null {
  const words = Array.isArray(value) ? value.flatMap((one) => text(one) ?? []) : (text(value)?.split(parted) ?? [])
  const held = words.filter((word) => word !== "")
  return held.length === 0 ? null : held
}

/** Our name of the client, and beside it the provider's where that is another one. */
export function clientOf(id: string | null, context: NormalizeContext): Record<string, string> {
  const name = id === null ? null : context.clientName(id)
  return {
    ...known("client_id", name ?? id),
    ...known("provider_client_id", name === null || name === id ? null : id),
  }
}
