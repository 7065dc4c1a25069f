import "server-only"
import { crashpoint } from "../base/crashpoint.ts"
import type { EventPage, EventsPort } from "../connectors/log-ports.ts"
import type { Connector } from "../connectors/port.ts"
import { ingestPool } from "../db/ingest.ts"
import type { IngestTx } from "../db/tx.ts"
import { learnWord } from "../events/dictionary.ts"
import { ingest, type IngestResult } from "../events/ingest.ts"
import type { RefusedLine } from "../events/prepare.ts"
import { retentionDays } from "../events/retention.ts"
import { holdWatermark, moveWatermark } from "../events/watermark.ts"
import type { Normalize } from "../normalize/context.ts"
import { knownNames } from "./known.ts"
import { countKinds, type Due, moveOn, newAsides, park, type Place, placeOf } from "./log.ts"
import { asideOf, type Sorted, sortRecords } from "./sort.ts"

export const collectCrashpoints = [
  "collect.source_made",
  "collect.polled",
  "collect.before_commit",
  "collect.committed",
] as const

/** One provider's log, ready to be read. */
export interface Reading {
  readonly provider: Due
  readonly sourceId: string
  readonly connector: Connector
  readonly port: EventsPort
  readonly normalize: Normalize
  readonly now: () => Date
  /** From 0.9 to 1.1: polls of many providers drift apart. */
  readonly stretch: number
}

export interface Polled extends IngestResult {
  /** More is waiting right now. */
  readonly more: boolean
}

/**
 * Asks the log once from where the last committed poll ended, and commits what it brought in one transaction: events,
 * counts, watermark and the next place. Whatever dies before that commit is asked again; whatever comes again is known by
 * its own id. Throws ConnectorError, Unavailable, Overtaken.
 */
export async function pollOnce(reading: Reading): Promise<Polled> {
  const { provider, port, sourceId } = reading
  const from = await placeOf(provider.id)
  const page = await port.poll(from.cursor)
  await crashpoint("collect.polled")
  const names = await knownNames(provider, reading.connector)
  const sorted = sortRecords(page.records, reading.normalize, names)
  const source = await learnWord(ingestPool(), "source", sourceId)
  const lines = sorted.lines.map((line) => JSON.stringify(line))
  const result = await ingest(sourceId, lines, {
    now: reading.now(),
    retentionDays: await retentionDays(),
    reader: { commit: (tx, refused) => commitPage(tx, reading, { from, page, sorted, source, refused }) },
  })
  await crashpoint("collect.committed")
  return { ...result, more: page.more }
}

interface Outcome {
  readonly from: Place
  readonly page: EventPage
  readonly sorted: Sorted
  /** The source's word. */
  readonly source: number
  readonly refused: readonly RefusedLine[]
}

/** Answers how many records were refused for the first time. */
async function commitPage(tx: IngestTx, reading: Reading, outcome: Outcome): Promise<number> {
  const { provider, port, stretch } = reading
  const { page, sorted, source } = outcome
  const now = reading.now()
  await moveOn(tx, provider.id, outcome.from, {
    cursor: page.cursor,
    now,
    waitSeconds: page.more ? 0 : port.everySeconds * stretch,
    everySeconds: port.everySeconds,
    provenance: port.provenance,
  })
  await countKinds(tx, provider.id, await newAsides(tx, provider.id, sorted.skipped, now), now)
  const refused = await newAsides(tx, provider.id, refusals(outcome), now)
  // What the database itself refused is parked already, as the line that it was.
  await park(
    tx,
    source,
    refused.filter(({ code }) => code !== "parked"),
    now,
  )
  await holdWatermark(tx, source, now)
  if (page.completeUntil !== null) await moveWatermark(tx, source, new Date(page.completeUntil), now)
  await crashpoint("collect.before_commit")
  return refused.length
}

const refusals = ({ sorted, refused }: Outcome) => [
  ...sorted.rejected.map((aside) => ({ ...aside, code: "unreadable" })),
  ...refused.map(({ index, code, message }) => ({ ...asideOf(sorted.of[index], message), code })),
]
