/** The lines of a batch, checked and with their identities. */
import { dayMs } from "../base/time.ts"
import { Pace } from "./breath.ts"
import { eventIdentity } from "./identity.ts"
import { type EventRow, inlineId } from "./row.ts"
import { isRejection, validateLine } from "./validate.ts"
import { flagBits, type Rejection } from "./words.ts"

/** Refused for good. `index` counts the lines from 0. */
export type RefusedLine = Rejection & { readonly index: number }

/** The same id once more in one batch. */
export interface Repeat {
  readonly first: EventRow
  readonly raw: string
}

/** Checks every line and gives it its identity, in slices, so that the event loop is never held for long. */
export async function prepare(sourceId: string, lines: readonly string[], now: Date, retentionDays: number) {
  const window = { nowMs: now.getTime(), oldestMs: now.getTime() - retentionDays * dayMs }
  const nowUs = now.getTime() * 1_000
  const rejected: RefusedLine[] = []
  const seen = new Map<string, EventRow>()
  const repeats: Repeat[] = []
  const pace = new Pace()
  for (let index = 0; index < lines.length; index++) {
    const raw = lines[index] ?? ""
    const line = validateLine(raw, window)
    if (isRejection(line)) rejected.push({ index, ...line })
    else {
      const id = eventIdentity(sourceId, line.givenId, line.canonical ?? "")
      line.canonical = null
      if (line.ts === null) line.flags |= flagBits.undated
      const first = seen.get(id)
      if (first) repeats.push({ first, raw })
      else
        seen.set(id, {
          index,
          raw,
          line,
          id,
          ts: line.ts ?? nowUs,
          dims: [inlineId, null, null, null, null, null, null, null, null, null, null, null],
          inline: null,
        })
    }
    const rest = (index & 63) === 63 ? pace.rest() : null
    if (rest) await rest
  }
  return { rows: [...seen.values()], rejected, repeats }
}
