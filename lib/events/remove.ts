import "server-only"
import { ingestPool } from "../db/ingest.ts"
import { withIngestTx } from "../db/tx.ts"
import { findWord } from "./dictionary.ts"

const pieceMax = 20_000

/**
 * Takes everything of one source out of the event tables and the rollups. Rows go in pieces, each in a transaction of its
 * own; sending it again after a crash finishes it. Answers the number of events removed by this call.
 */
export async function removeEventsOf(sourceId: string): Promise<number> {
  const source = await findWord(ingestPool(), "source", sourceId)
  if (source === null) return 0
  let removed = 0
  for (;;) {
    const { rowCount } = await ingestPool().query(
      "delete from token_event where (ts, id) in (select ts, id from token_event where source = $1 limit $2)",
      [source, pieceMax],
    )
    removed += rowCount ?? 0
    if ((rowCount ?? 0) < pieceMax) break
  }
  await withIngestTx(async (tx) => {
    for (const table of [
      "event_delta",
      "rollup_flow",
      "rollup_party",
      "rollup_latency",
      "event_parked",
      "event_conflict",
    ]) {
      await tx.query(`delete from ${table} where source = $1`, [source])
    }
    for (const table of ["source_state", "source_gap"])
      await tx.query(`delete from ${table} where dimension = $1`, [source])
  })
  return removed
}
