import type { Members } from "./decode.ts"
import { readSeconds } from "./seconds.ts"
import { claimWords, headerWords, type Word } from "./words.ts"

export interface Explained extends Word {
  readonly where: "header" | "claims"
  readonly name: string
  readonly value: unknown
  /** The value as a person reads it, where that differs: times as RFC 3339 in UTC. */
  readonly reading: string | null
  /** Whether the name is of the vocabulary; others are the issuer's own. */
  readonly known: boolean
}

const times: ReadonlySet<string> = new Set(["exp", "nbf", "iat", "auth_time", "updated_at"])

/** Every member of header and claims with its meaning and where that is written. For the browser too: pure, no Node. */
export const explain = (header: Members | null, claims: Members | null): Explained[] => [
  ...Object.entries(header ?? {}).map(([name, value]) => explainMember("header", name, value)),
  ...Object.entries(claims ?? {}).map(([name, value]) => explainMember("claims", name, value)),
]

function explainMember(where: "header" | "claims", name: string, value: unknown): Explained {
  const found = (where === "header" ? headerWords : claimWords).get(name)
  const word = found ?? {
    title: name,
    meaning: "Not of any standard that we know: the issuer's own.",
    source: "RFC 7519 section 4.3",
  }
  return {
    ...word,
    where,
    name,
    value,
    known: found !== undefined,
    reading: where === "claims" && times.has(name) ? readTime(value) : null,
  }
}

/** Null for what is no NumericDate, or lies beyond the dates that exist. */
function readTime(value: unknown): string | null {
  const seconds = readSeconds(value)
  if (typeof seconds === "string") return null
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? null : date.toISOString().replace(".000Z", "Z")
}
