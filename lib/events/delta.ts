import { absentId, type EventRow } from "./row.ts"

/** Durations up to 2^(b/2)/4 ms fall into bucket b; the last one is open. Fixed, logarithmic, mergeable by adding. */
export const latencyBuckets = 48
export const bucketOf = (ms: number): number =>
  ms <= 0.25 ? 0 : Math.min(latencyBuckets - 1, Math.ceil(2 * Math.log2(ms * 4)))
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
  const flow = new Table(flowWidth, 6)
  const party = new Table(partyWidth, 8)
  const latency = new Table(latencyWidth, 4)
  let lastUs: number | null = null
  for (const { line, dims, ts } of rows) {
    const minute = Math.floor(ts / minuteUs)
    const reason = id(dims[5])
    const provider = id(dims[3])
    if (lastUs === null || ts > lastUs) lastUs = ts
    const f = flow.entry(minute, line.event, line.result, reason, provider, id(dims[6]), 0, 0)
    flow.add(f, 6, 1)
    if (line.event === 0 && line.expiresIn !== null) {
      flow.add(f, 7, 1)
      flow.add(f, 8, line.expiresIn)
    }
    party.add(
      party.entry(
        Math.floor(ts / hourUs),
        line.event,
        line.result,
        reason,
        provider,
        id(dims[1]),
        id(dims[2]),
        id(dims[4]),
      ),
      8,
      1,
    )
    if (line.durationMs !== null)
      latency.add(latency.entry(minute, line.event, provider, bucketOf(line.durationMs), 0, 0, 0, 0), 4, 1)
  }
  return { flow: flow.columns(), party: party.columns(), latency: latency.columns(), stored: rows.length, lastUs }
}

/** Entries of a fixed width, found by their first `keys` numbers: a hash table with open addresses, since it is asked thrice for each event. */
class Table {
  private readonly cells: number[] = []
  /** Entry number + 1, or 0 for a free place. Its length is a power of two. */
  private places = new Int32Array(256)
  private count = 0
  private readonly width: number
  private readonly keys: number
  constructor(width: number, keys: number) {
    this.width = width
    this.keys = keys
  }
  /** Where the cells of the entry with this key begin; keys beyond `keys` are 0. */
  entry(a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number): number {
    if (this.count * 2 > this.places.length) this.grow()
    const { cells, keys, places } = this
    const mask = places.length - 1
    for (let place = hash(a, b, c, d, e, f, g, h) & mask; ; place = (place + 1) & mask) {
      const number = places[place] ?? 0
      if (number === 0) {
        places[place] = ++this.count
        const at = cells.length
        const key = [a, b, c, d, e, f, g, h]
        for (let i = 0; i < this.width; i++) cells.push(i < keys ? (key[i] ?? 0) : 0)
        return at
      }
      const at = (number - 1) * this.width
      const same =
        cells[at] === a &&
        cells[at + 1] === b &&
        cells[at + 2] === c &&
        cells[at + 3] === d &&
        (keys < 5 ||
          (cells[at + 4] === e && cells[at + 5] === f && (keys < 7 || (cells[at + 6] === g && cells[at + 7] === h))))
      if (same) return at
    }
  }
  columns(): number[] {
    return Array.from(
      { length: this.cells.length },
      (_, i) => this.cells[(i % this.count) * this.width + Math.floor(i / this.count)] ?? 0,
    )
  }
  add(at: number, column: number, amount: number): void {
    this.cells[at + column] = (this.cells[at + column] ?? 0) + amount
  }
  private grow(): void {
    const larger = new Int32Array(this.places.length * 4)
    const mask = larger.length - 1
    for (let number = 1; number <= this.count; number++) {
      const key = (i: number) => (i < this.keys ? (this.cells[(number - 1) * this.width + i] ?? 0) : 0)
      let place = hash(key(0), key(1), key(2), key(3), key(4), key(5), key(6), key(7)) & mask
      while (larger[place] !== 0) place = (place + 1) & mask
      larger[place] = number
    }
    this.places = larger
  }
}

/** Mixes eight numbers to 32 bits (the finishing steps are those of MurmurHash3). */
function hash(a: number, b: number, c: number, d: number, e: number, f: number, g: number, h: number): number {
  let x = Math.imul(a, 31) + b
  x = Math.imul(x, 31) + c
  x = Math.imul(x, 31) + d
  x = Math.imul(x, 31) + e
  x = Math.imul(x, 31) + f
  x = Math.imul(x, 31) + g
  x = Math.imul(x, 31) + h
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  return (x ^ (x >>> 13)) >>> 0
}
