import { absentId, type EventRow } from "./row.ts"

/** Durations up to 2^(b/2)/4 ms fall into bucket b; the last one is open. Fixed, logarithmic, mergeable by adding. */
export const latencyBuckets = 48
export const bucketOf = (ms: number): number => (ms <= 0.25 ? 0 : Math.min(latencyBuckets - 1, Math.ceil(2 * Math.log2(ms * 4))))
export const bucketTopMs = (bucket: number): number => 2 ** (bucket / 2) / 4

/** Columns of the lists of event_delta. A list holds its columns one after the other, so that SQL cuts each out once (unnest of slices). */
export const flowWidth = 9
export const partyWidth = 9
export const latencyWidth = 5

export interface Delta {
  /** minute, event, result, reason, provider, grant type, n, lives, life seconds */
  readonly flow: number[]
  /** hour, event, result, reason, provider, client, audience, scopes, n */
  readonly party: number[]
  /** minute, event, provider, bucket, n */
  readonly latency: number[]
  readonly stored: number
  /** Microseconds of the latest event. Null when there is none. */
  readonly lastUs: number | null
}

const minuteUs = 60_000_000
const hourUs = 3_600_000_000

const id = (value: number | null | undefined): number => value ?? absentId

/** What these rows add to the rollups. Pure. */
export function deltaOf(rows: readonly EventRow[]): Delta {
  const flow = new Table(flowWidth)
  const party = new Table(partyWidth)
  const latency = new Table(latencyWidth)
  let lastUs: number | null = null
  for (const { line, dims, ts } of rows) {
    const minute = Math.floor(ts / minuteUs)
    const hour = Math.floor(ts / hourUs)
    const reason = id(dims[5])
    const provider = id(dims[3])
    if (lastUs === null || ts > lastUs) lastUs = ts
    const f = flow.entry([minute, line.event, line.result, reason, provider, id(dims[6])])
    flow.add(f, 6, 1)
    if (line.event === 0 && line.expiresIn !== null) {
      flow.add(f, 7, 1)
      flow.add(f, 8, line.expiresIn)
    }
    party.add(party.entry([hour, line.event, line.result, reason, provider, id(dims[1]), id(dims[2]), id(dims[4])]), 8, 1)
    if (line.durationMs !== null) latency.add(latency.entry([minute, line.event, provider, bucketOf(line.durationMs)]), 4, 1)
  }
  return { flow: flow.columns(), party: party.columns(), latency: latency.columns(), stored: rows.length, lastUs }
}

/** Entries of a fixed width, found by their key numbers. */
class Table {
  private readonly cells: number[] = []
  private readonly places = new Map<string, number>()
  private readonly width: number
  constructor(width: number) {
    this.width = width
  }
  entry(key: readonly number[]): number {
    const text = key.join()
    const known = this.places.get(text)
    if (known !== undefined) return known
    const at = this.cells.length
    for (let i = 0; i < this.width; i++) this.cells.push(key[i] ?? 0)
    this.places.set(text, at)
    return at
  }
  columns(): number[] {
    const count = this.cells.length / this.width
    return Array.from({ length: this.cells.length }, (_, i) => this.cells[(i % count) * this.width + Math.floor(i / count)] ?? 0)
  }
  add(at: number, column: number, amount: number): void {
    this.cells[at + column] = (this.cells[at + column] ?? 0) + amount
  }
}
