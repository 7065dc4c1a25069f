import type { CheckResult, Overall } from "../../lib/token/inspect.ts"
import type { Tone } from "../ui/StatusBadge.tsx"

/** The eight questions of the strip, and the checks that answer each. */
const questions: readonly { title: string; checks: readonly string[] }[] = [
  { title: "Signature", checks: ["signature"] },
  { title: "Key safety", checks: ["key", "algorithm"] },
  { title: "Issuer", checks: ["issuer"] },
  { title: "Audience", checks: ["audience"] },
  { title: "Time", checks: ["expiry", "not_before", "issued_at"] },
  { title: "Type", checks: ["type"] },
  { title: "Scope", checks: ["scope"] },
  { title: "Revocation", checks: ["revocation"] },
]

export type Answer = CheckResult["is"]
export interface Tile {
  readonly title: string
  readonly is: Answer
  readonly why: string
}

const worse: readonly Answer[] = ["fail", "warn", "pass", "skip"]

/** The worst answer of each question; `skip` only when none of its checks could be asked. */
export const tilesOf = (checks: readonly CheckResult[]): Tile[] =>
  questions.map(({ title, checks: names }) => {
    const answers = checks.filter((c) => names.includes(c.name))
    const first = worse.map((is) => answers.find((a) => a.is === is)).find((a) => a !== undefined)
    return { title, is: first?.is ?? "skip", why: first?.why ?? "It is not asked of this kind of token." }
  })

export const answerWords: Readonly<Record<Answer, { tone: Tone; word: string }>> = {
  pass: { tone: "pass", word: "pass" },
  fail: { tone: "fail", word: "fail" },
  warn: { tone: "warn", word: "warning" },
  skip: { tone: "unknown", word: "not checked" },
}

/** Words and tone of reliability.md 6.1. Only what was verified is ever green. */
export const overallWords: Readonly<Record<Overall | "opaque", { tone: Tone; word: string }>> = {
  valid: { tone: "pass", word: "Valid" },
  rejected: { tone: "fail", word: "Rejected" },
  not_verified: { tone: "warn", word: "Decoded, not verified" },
  unsecured: { tone: "fail", word: "Unsecured" },
  unsupported: { tone: "warn", word: "Not supported" },
  encrypted: { tone: "warn", word: "Encrypted" },
  malformed: { tone: "fail", word: "Malformed" },
  opaque: { tone: "warn", word: "Opaque" },
}
