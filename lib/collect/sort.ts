import { sha256 } from "../base/digest.ts"
import { canonicalJson } from "../base/json.ts"
import { redact } from "../base/redact.ts"
import type { Normalize, NormalizeContext, TokenLine } from "../normalize/context.ts"

/** A record that became no event. */
export interface Aside {
  /** The provider's word for what it is, or why it cannot be read. */
  readonly word: string
  readonly digest: string
  /** The record itself, redacted and cut. */
  readonly example: string
}

export interface Sorted {
  readonly lines: readonly TokenLine[]
  /** The records that the lines were made of, one for each line. */
  readonly of: readonly unknown[]
  /** No token events: kept as an example and counted by their kind. */
  readonly skipped: readonly Aside[]
  /** They should have been events. */
  readonly rejected: readonly Aside[]
}

const wordMax = 100
const exampleMax = 8_000

/** Reads one page of a provider's log. Total: a normaliser that throws makes its record unreadable, not the page. */
export function sortRecords(records: readonly unknown[], normalize: Normalize, context: NormalizeContext): Sorted {
  const lines: TokenLine[] = []
  const of: unknown[] = []
  const skipped = new Map<string, Aside>()
  const rejected = new Map<string, Aside>()
  for (const raw of records) {
    const answer = tried(raw, normalize, context)
    if ("line" in answer) {
      lines.push(answer.line)
      of.push(raw)
    } else if ("skipped" in answer) set(skipped, asideOf(raw, answer.skipped))
    else set(rejected, asideOf(raw, answer.rejected))
  }
  return { lines, of, skipped: [...skipped.values()], rejected: [...rejected.values()] }
}

/** The digest is 16 bytes of SHA-256 over the canonical record: the same record is the same one when it is read again. */
export function asideOf(raw: unknown, word: string): Aside {
  const text = canonicalJson(raw)
  return {
    word: word.slice(0, wordMax).toWellFormed().replaceAll("\0", "�"),
    digest: sha256(text).toString("hex", 0, 16),
    example: redact(text).slice(0, exampleMax).toWellFormed(),
  }
}

const set = (into: Map<string, Aside>, aside: Aside): unknown => into.set(aside.digest, aside)

function tried(raw: unknown, normalize: Normalize, context: NormalizeContext): ReturnType<Normalize> {
  try {
    return normalize(raw, context)
  } catch {
    return { rejected: "the normaliser failed" }
  }
}
