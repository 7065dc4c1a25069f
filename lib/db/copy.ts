import "server-only"
import { from } from "pg-copy-streams"
import type { IngestTx } from "./tx.ts"

/** Runs one `COPY ... FROM STDIN` with the whole input at hand. Throws what Postgres answers. */
export function copyIn(tx: IngestTx, statement: string, input: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = tx.query(from(statement))
    stream.on("error", reject)
    stream.on("finish", resolve)
    stream.end(input)
  })
}
