import { isObject, type Json } from "../../lib/base/json.ts"

const kinds = [
  ["applications", "application"],
  ["scopes", "scope"],
  ["resources", "resource"],
] as const

/** How much a bundle holds, in words: `2 applications, 1 scope, no resource`. */
export function contentsOf(bundle: Json): string {
  const members = isObject(bundle) ? bundle : {}
  return kinds
    .map(([plural, singular]) => {
      const list = members[plural]
      const count = Array.isArray(list) ? list.length : 0
      return count === 0 ? `no ${singular}` : `${count} ${count === 1 ? singular : plural}`
    })
    .join(", ")
}
