import { isObject } from "../base/json.ts"
import type { Members } from "./decode.ts"

export interface Scopes {
  readonly scopes: ReadonlySet<string>
  /** The claims they were read from; empty when the token carries none. */
  readonly from: readonly string[]
  readonly problem: string | null
}

/** RFC 6749 section 3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/

/**
 * The scopes of a token as a set (V23): `scope` or `scp` as a string or a list, a list of `{rn, role}` (read as
 * `rn:role`), and Entra's `roles`. An introspected scope, where given, decides for a token that carries none itself.
 */
export function scopesOf(claims: Members, introspected?: unknown): Scopes {
  const read = readAll(["scope", "scp", "roles"].map((name) => [name, claims[name]]))
  if (read.from.length > 0 || read.problem !== null || introspected === undefined) return read
  return readAll([["the introspected scope", introspected]])
}

function readAll(sources: readonly (readonly [string, unknown])[]): Scopes {
  const scopes = new Set<string>()
  const from: string[] = []
  for (const [name, value] of sources) {
    if (value === undefined) continue
    const words = toWords(value)
    if (words === null)
      return {
        scopes: new Set(),
        from,
        problem: `${name} is neither a string, nor a list of strings, nor a list of {rn, role}`,
      }
    const bad = words.find((word) => !scopeToken.test(word))
    if (bad !== undefined)
      return {
        scopes: new Set(),
        from,
        problem: `${name} holds a word that is no scope: ${JSON.stringify(bad.slice(0, 64))}`,
      }
    from.push(name)
    for (const word of words) scopes.add(word)
  }
  return { scopes, from, problem: null }
}

function toWords(value: unknown): string[] | null {
  if (typeof value === "string") return value.split(" ").filter((word) => word !== "")
  if (!Array.isArray(value)) return null
  const words = value.map((item: unknown) => {
    if (typeof item === "string") return item
    return isObject(item) && typeof item["rn"] === "string" && typeof item["role"] === "string"
      ? `${item["rn"]}:${item["role"]}`
      : null
  })
  return words.includes(null) ? null : words.filter((word) => word !== null)
}
