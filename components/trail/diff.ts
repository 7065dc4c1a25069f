/** What changed between two JSON values, as dotted paths. Pure. */

export interface FieldDiff {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (Array.isArray(value)) {
    const plain = value.every((v) => typeof v !== "object" || v === null)
    if (plain) into.set(path, value.map(String).join(", ") || "(none)")
    else value.forEach((v: unknown, i) => flatten(v, `${path}.${i}`, into))
    return
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value)
    if (entries.length === 0 && path !== "") into.set(path, "(none)")
    for (const [name, v] of entries) flatten(v, path === "" ? name : `${path}.${name}`, into)
    return
  }
  if (value !== undefined && path !== "") into.set(path, value === null ? "(none)" : String(value))
}

/** Fields that move with every save and say nothing. */
const noise = new Set(["version", "updated_at"])

/** Only what differs, sorted by path; `before` null: it is new, `after` null: it is gone. */
export function fieldDiff(before: unknown, after: unknown): readonly FieldDiff[] {
  const old = new Map<string, string>()
  const now = new Map<string, string>()
  flatten(before, "", old)
  flatten(after, "", now)
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((path) => !noise.has(path) && old.get(path) !== now.get(path))
    .sort()
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
}
