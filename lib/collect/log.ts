import "server-only"
import { sha256 } from "../base/digest.ts"
import { dayMs } from "../base/time.ts"
import { ingestPool } from "../db/ingest.ts"
import type { IngestTx } from "../db/tx.ts"
import type { Aside } from "./sort.ts"

/** Another process committed a poll from the same place first: this one's counts nothing. */
export class Overtaken extends Error {
  constructor(providerId: string) {
    super(`another process went on in the log of ${providerId}`)
    this.name = "Overtaken"
  }
}

export interface Due {
  readonly id: string
  readonly name: string
  readonly kind: string
}

/** Until a turn says better, in seconds. */
const turnSeconds = 60
/** A kind without a log is asked again this seldom, in seconds: its settings may have changed. */
const restSeconds = 600
const backOffMaxSeconds = 900

/**
 * The providers whose log is due, each with its next turn set already: a second process does not find them due. A provider
 * that asked us to slow down is left alone, and so is one whose source is switched off.
 */
export async function takeTurns(stretch: number): Promise<Due[]> {
  await ingestPool().query("insert into provider_log (provider_id) select id from provider on conflict do nothing")
  const { rows } = await ingestPool().query<Due>(
    `update provider_log l set next_poll_at = clock_timestamp() + make_interval(secs => $1::float8)
     from provider p left join source s on s.provider_id = p.id
     where p.id = l.provider_id and l.next_poll_at <= clock_timestamp()
       and (p.retry_at is null or p.retry_at <= clock_timestamp()) and coalesce(s.enabled, true)
     returning p.id::text, p.name, p.kind`,
    [turnSeconds * stretch],
  )
  return rows
}

export interface Place {
  readonly cursor: string | null
  readonly turn: string
}

export async function placeOf(providerId: string): Promise<Place> {
  const { rows } = await ingestPool().query<Place>(
    "select cursor, turn::text from provider_log where provider_id = $1",
    [providerId],
  )
  return rows[0] ?? { cursor: null, turn: "0" }
}

/** Goes on to the next place, from the one that was read. Throws Overtaken. `waitSeconds`: until the next poll. */
export async function moveOn(
  tx: IngestTx,
  providerId: string,
  from: Place,
  to: {
    readonly cursor: string
    readonly now: Date
    readonly waitSeconds: number
    readonly everySeconds: number
    readonly provenance: Readonly<Record<string, string>>
  },
): Promise<void> {
  const { rowCount } = await tx.query(
    `update provider_log set cursor = $3, turn = turn + 1, polled_at = $4, good_at = $4, failures = 0, error = null, cannot = null,
       every_seconds = $5, provenance = $6, next_poll_at = clock_timestamp() + make_interval(secs => $7::float8)
     where provider_id = $1 and turn = $2`,
    [providerId, from.turn, to.cursor, to.now, to.everySeconds, JSON.stringify(to.provenance), to.waitSeconds],
  )
  if (rowCount !== 1) throw new Overtaken(providerId)
}

/** The failure is told with the source, the next try comes later each time: at the provider's own word, if it said one. */
export async function noteFailure(
  providerId: string,
  error: { readonly code: string; readonly message: string; readonly retryAt: Date | null },
  now: Date,
  stretch: number,
): Promise<void> {
  await ingestPool().query(
    `update provider_log set polled_at = $2, failures = failures + 1, error = $3,
       next_poll_at = greatest($4::timestamptz, clock_timestamp() + make_interval(secs =>
         least(coalesce(every_seconds, ${turnSeconds}) * power(2, least(failures, 10)), ${backOffMaxSeconds}) * $5::float8))
     where provider_id = $1`,
    [
      providerId,
      now,
      JSON.stringify({ code: error.code, message: error.message, at: now.toISOString() }),
      error.retryAt,
      stretch,
    ],
  )
}

/** This provider has no log for us. */
export async function noteCannot(providerId: string, why: string): Promise<void> {
  await ingestPool().query(
    `update provider_log set cannot = $2, error = null, failures = 0, every_seconds = null, provenance = null,
       next_poll_at = clock_timestamp() + make_interval(secs => ${restSeconds})
     where provider_id = $1`,
    [providerId, why],
  )
}

/** How long a record that was set aside is remembered after it was last read. */
const rememberMs = 7 * dayMs

/** Those of the records that were not set aside before. */
export async function newAsides<T extends Aside>(
  tx: IngestTx,
  providerId: string,
  asides: readonly T[],
  now: Date,
): Promise<T[]> {
  if (asides.length === 0) return []
  const { rows } = await tx.query<{ digest: string; fresh: boolean }>(
    `insert into provider_log_aside (provider_id, digest, seen_at)
     select $1, d, $3 from (select distinct unnest($2::uuid[]) as d order by 1) as u
     on conflict (provider_id, digest) do update set seen_at = excluded.seen_at
     returning digest::text, (xmax = 0) as fresh`,
    [providerId, asides.map(({ digest }) => digest), now],
  )
  const fresh = new Set(rows.filter((row) => row.fresh).map((row) => row.digest.replaceAll("-", "")))
  return asides.filter(({ digest }) => fresh.has(digest))
}

export async function forgetAsides(now: Date): Promise<void> {
  await ingestPool().query("delete from provider_log_aside where seen_at < $1", [new Date(now.getTime() - rememberMs)])
}

const kindsMax = 200
const otherKinds = "other kinds"

/** Counts records by the provider's own word for them, and keeps the latest of each kind. */
export async function countKinds(
  tx: IngestTx,
  providerId: string,
  skipped: readonly Aside[],
  now: Date,
): Promise<void> {
  if (skipped.length === 0) return
  const { rows } = await tx.query<{ raw_kind: string }>(
    "select raw_kind from provider_log_kind where provider_id = $1",
    [providerId],
  )
  const known = new Set(rows.map((row) => row.raw_kind))
  const counts = new Map<string, { n: number; example: string }>()
  for (const { word, example } of skipped) {
    const kind = known.has(word) || known.size < kindsMax ? word : otherKinds
    known.add(kind)
    counts.set(kind, { n: (counts.get(kind)?.n ?? 0) + 1, example })
  }
  await tx.query(
    `insert into provider_log_kind (provider_id, raw_kind, n, last_at, example)
     select $1, k, n, $2, e from unnest($3::text[], $4::bigint[], $5::text[]) as u (k, n, e)
     on conflict (provider_id, raw_kind) do update set n = provider_log_kind.n + excluded.n, last_at = excluded.last_at, example = excluded.example`,
    [
      providerId,
      now,
      [...counts.keys()],
      [...counts.values()].map(({ n }) => n),
      [...counts.values()].map(({ example }) => example),
    ],
  )
}

/** Kept aside with the reason, for a person to look at. */
export async function park(
  tx: IngestTx,
  source: number,
  rejected: readonly (Aside & { readonly code: string })[],
  now: Date,
): Promise<void> {
  for (const { digest, code, word, example } of rejected)
    await tx.query(
      "insert into event_parked (id, source, received_at, sqlstate, reason, raw) values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing",
      [sha256(`${source}\n${digest}`).toString("hex", 0, 16), source, now, code, word, Buffer.from(example)],
    )
}
