import { hash } from "node:crypto"
import { canonicalJson } from "../base/json.ts"

/**
 * The stored id: the first 16 bytes of SHA-256 over the source's id and the given id or, without one, the line's canonical
 * JSON (RFC 8785). A re-sent line is the same event in whatever batch it comes, and no source can shadow another's.
 * As 32 hexadecimal digits.
 */
export function eventIdentity(sourceId: string, givenId: string | null, canonical: string): string {
  const text = givenId === null ? `${sourceId}\nline\n${canonical}` : `${sourceId}\nid\n${givenId}`
  return hash("sha256", text, "hex").slice(0, 32)
}

/** 32 hexadecimal digits as the UUID text that the API answers. */
export const dashed = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`

/** Sorted member names by the names as they came: one sender's lines all look the same. Null: a shape that needs the careful way. */
const orders = new Map<string, readonly string[] | null>()
const ordersMax = 2_000
/** Array indexes come first in every object, whatever their order of writing, and `__proto__` is no plain member. */
const special = /^(\d+|__proto__)$/

/** Canonical JSON (RFC 8785) of one object: what `canonicalJson` answers, faster for an object that holds no other one. */
export function canonicalLine(line: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(line)
  const key = `${names.length}\n${names.join("\n")}`
  let order = orders.get(key)
  if (order === undefined) {
    order = names.some((name) => special.test(name) || name.includes("\n")) ? null : names.toSorted()
    if (orders.size >= ordersMax) orders.clear()
    orders.set(key, order)
  }
  if (order === null) return canonicalJson(line)
  const sorted: Record<string, unknown> = {}
  for (const name of order) {
    const value = line[name]
    if (
      typeof value === "object" &&
      value !== null &&
      !(Array.isArray(value) && value.every((item) => typeof item !== "object"))
    )
      return canonicalJson(line)
    sorted[name] = value
  }
  return JSON.stringify(sorted)
}
