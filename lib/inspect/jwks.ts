import { FetchRefused, type GuardedFetch } from "../base/http.ts"
import { readKeySet, type KeySet } from "../token/keys.ts"
import { parseStrictJson } from "../token/strict-json.ts"

/** reliability T7. */
const ageMaxMs = 600_000
const refetchPauseMs = 30_000
const requestTimeoutMs = 5_000
/** After a failed first load: long enough to spare the issuer, short enough for a person who waits. */
const failurePauseMs = 5_000
const replyBytesMax = 1_000_000
const entriesMax = 1_000

/** Both exact, both from the registry: two issuers that share an address share nothing here. */
export interface KeySetSource {
  readonly issuer: string
  readonly url: string
}

export interface LoadedKeys {
  /** The last good set; a refused one only where there never was a good one, to explain, never to pass. */
  readonly set: KeySet | null
  /** How old the good set is, in seconds; null when there is none. */
  readonly ageSeconds: number | null
  /** Why the last attempt brought nothing; null when it succeeded. */
  readonly problem: string | null
}

interface Entry {
  good: KeySet | null
  goodAt: number
  refused: KeySet | null
  problem: string | null
  triedAt: number
  refetchedAt: number
  flight: Promise<void> | null
}

export interface KeySetCache {
  /**
   * The key set of an issuer. A kid that the set does not know makes one refetch, at most once in 30 s for this source,
   * whoever asks; concurrent callers share one request. Never throws: what went wrong is `problem`.
   */
  readonly keysFor: (source: KeySetSource, kid: string | null) => Promise<LoadedKeys>
  /** A person accepts what the issuer now publishes, a known kid with new material included (V20). */
  readonly forget: (source: KeySetSource) => void
  /** How often keys were asked for since the start, and how often that waited for the issuer. */
  readonly counts: () => { readonly requests: number; readonly misses: number }
}

/** @param now milliseconds; the clock belongs to the caller. */
export function keySetCache(fetch: GuardedFetch, now: () => number): KeySetCache {
  const entries = new Map<string, Entry>()
  const keyOf = ({ issuer, url }: KeySetSource) => JSON.stringify([issuer, url])

  const entryOf = (source: KeySetSource): Entry => {
    const key = keyOf(source)
    const entry = entries.get(key) ?? {
      good: null,
      goodAt: 0,
      refused: null,
      problem: null,
      triedAt: -Infinity,
      refetchedAt: -Infinity,
      flight: null,
    }
    // Delete and set again: a Map keeps the order of insertion, so the first entry is the one unused for longest.
    entries.delete(key)
    entries.set(key, entry)
    const [oldest] = entries.keys()
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest)
    return entry
  }

  let requests = 0
  let misses = 0

  const load = async (entry: Entry, url: string): Promise<void> => {
    misses++
    entry.flight ??= fetchSet(fetch, url, entry.good).then((result) => {
      entry.flight = null
      entry.triedAt = now()
      entry.problem = result.problem
      if (result.problem === null) [entry.good, entry.goodAt, entry.refused] = [result.set, now(), null]
      else entry.refused = result.set
    })
    await entry.flight
  }

  const isDue = (entry: Entry): boolean => {
    const sinceTry = now() - entry.triedAt
    return entry.good === null
      ? sinceTry >= failurePauseMs
      : now() - entry.goodAt >= ageMaxMs && sinceTry >= refetchPauseMs
  }

  return {
    keysFor: async (source, kid) => {
      requests++
      const entry = entryOf(source)
      const fresh = entry.flight !== null || isDue(entry)
      if (fresh) await load(entry, source.url)
      const unknown = kid !== null && entry.good !== null && !entry.good.keys.some((key) => key.kid === kid)
      if (unknown && !fresh && now() - entry.refetchedAt >= refetchPauseMs) {
        entry.refetchedAt = now()
        await load(entry, source.url)
      }
      return {
        set: entry.good ?? entry.refused,
        ageSeconds: entry.good === null ? null : Math.floor((now() - entry.goodAt) / 1000),
        problem: entry.problem,
      }
    },
    forget: (source) => void entries.delete(keyOf(source)),
    counts: () => ({ requests, misses }),
  }
}

type Fetched =
  { readonly set: KeySet; readonly problem: null } | { readonly set: KeySet | null; readonly problem: string }

async function fetchSet(fetch: GuardedFetch, url: string, last: KeySet | null): Promise<Fetched> {
  const failed = (problem: string, set: KeySet | null = null): Fetched => ({ set, problem })
  try {
    const answer = await fetch(url, {
      headers: { accept: "application/jwk-set+json, application/json" },
      timeoutMs: requestTimeoutMs,
      maxBytes: replyBytesMax,
    })
    if (answer.status !== 200) return failed(`Its key set address answered ${String(answer.status)}.`)
    const parsed = parseStrictJson(new TextEncoder().encode(answer.text))
    if ("problem" in parsed) return failed(`Its key set was refused: the reply ${parsed.problem}.`)
    const set = readKeySet(parsed.value, "issuer", last ?? undefined)
    return set.refused === null ? { set, problem: null } : failed(`Its key set was refused: ${set.refused}.`, set)
  } catch (error) {
    return failed(
      error instanceof FetchRefused
        ? `Its key set could not be loaded: ${error.message}`
        : "Its key set could not be loaded.",
    )
  }
}
