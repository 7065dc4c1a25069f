import { z } from "zod"

const credential = z.object({ clientId: z.string(), clientSecret: z.string(), secretId: z.string() })
export type Credential = z.output<typeof credential>

/** What was answered once and cannot be asked again: `fleet-secrets.json` of the data folder, mode 0600. */
export const keptShape = z.object({
  clients: z.record(z.string(), credential),
  ingest: z.object({ sourceId: z.string(), tokenId: z.string(), token: z.string() }).nullable(),
})
export type Kept = z.output<typeof keptShape>

export const nothingKept: Kept = { clients: {}, ingest: null }

export interface Keeper {
  readonly read: () => Kept
  /** Written before the next step begins, so that a crash between two steps loses nothing. */
  readonly write: (kept: Kept) => void
}
