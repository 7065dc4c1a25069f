import { ingestPool } from "../db/ingest.ts"
import { type DimensionField, dimensionFields } from "./row.ts"

/** Somebody flooded these dictionaries with made-up names before: whatever is new is kept inline. */
export async function floodWords(fields: readonly DimensionField[]): Promise<void> {
  for (const field of fields)
    await ingestPool().query(
      "insert into dimension (field, digest, value) select $1, decode(md5(i::text), 'hex'), 'made up ' || i from generate_series(1, 50000) as i",
      [dimensionFields.indexOf(field)],
    )
}
