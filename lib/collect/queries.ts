import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import { db } from "../db/client.ts"
import { eventPool } from "../db/ingest.ts"
import { loadSource, type SourceView } from "../events/source-view.ts"

const told = z.enum(["observed", "derived", "absent"])
const row = z.object({
  next_poll_at: z.date(),
  every_seconds: z.int().nullable(),
  polled_at: z.date().nullable(),
  good_at: z.date().nullable(),
  failures: z.int(),
  error: z.object({ code: z.string(), message: z.string(), at: z.string() }).nullable(),
  cannot: z.string().nullable(),
  provenance: z.record(z.string(), told).nullable(),
})

/** How the reading of one provider's log stands: the source, and what is known of the log behind it. */
export interface LogView extends SourceView {
  readonly provider: { readonly id: string; readonly name: string; readonly kind: string }
  /** How often it is asked, where all goes well. */
  readonly every_seconds: number | null
  readonly next_poll_at: string
  readonly polled_at: string | null
  /** The last poll whose records are committed. */
  readonly good_at: string | null
  /** Polls that failed since then, and the last failure. */
  readonly failures: number
  readonly error: { readonly code: string; readonly message: string; readonly at: string } | null
  /** Why there is no log to read any more. */
  readonly cannot: string | null
  /** How long ago the time up to which nothing is missing is; null: nobody knows. */
  readonly behind_seconds: number | null
  /** Which facts of an event the log tells, derives or lacks. */
  readonly provenance: Readonly<Record<string, z.output<typeof told>>>
  /** Records that are no token events, by the provider's own word; the most frequent first. */
  readonly aside: readonly {
    readonly kind: string
    readonly count: number
    readonly last_at: string
    readonly example: string
  }[]
}

const text = (at: Date | null): string | null => at?.toISOString() ?? null

/** 404 where the source is not the log of a connected provider. */
export async function logOf(actor: Actor, sourceId: string, now: Date = new Date()): Promise<LogView> {
  authorize(actor, "events:read")
  const source = await loadSource(sourceId)
  const provider =
    source.provider_id === null
      ? null
      : await db().provider.findUnique({
          where: { id: source.provider_id },
          select: { id: true, name: true, kind: true },
        })
  if (!provider) throw notFound("provider log", sourceId)
  const { rows } = await eventPool().query(
    `select next_poll_at, every_seconds, polled_at, good_at, failures, error, cannot, provenance
     from provider_log where provider_id = $1`,
    [provider.id],
  )
  if (rows.length === 0) throw notFound("provider log", sourceId)
  const log = row.parse(rows[0])
  const kinds = await eventPool().query<{ raw_kind: string; n: number; last_at: Date; example: string }>(
    "select raw_kind, n::float8 as n, last_at, example from provider_log_kind where provider_id = $1 order by n desc, raw_kind",
    [provider.id],
  )
  const { complete_until } = source
  return {
    ...source,
    provider,
    every_seconds: log.every_seconds,
    next_poll_at: log.next_poll_at.toISOString(),
    polled_at: text(log.polled_at),
    good_at: text(log.good_at),
    failures: log.failures,
    error: log.error,
    cannot: log.cannot,
    behind_seconds:
      complete_until === null ? null : Math.max(0, Math.round((now.getTime() - Date.parse(complete_until)) / 1_000)),
    provenance: log.provenance ?? {},
    aside: kinds.rows.map(({ raw_kind, n, last_at, example }) => ({
      kind: raw_kind,
      count: n,
      last_at: last_at.toISOString(),
      example,
    })),
  }
}
