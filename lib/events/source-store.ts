import "server-only"
import type { Actor } from "../auth/actor.ts"
import { conflict } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { isUniqueViolation } from "../db/trouble.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"

export interface SourceRow {
  id: string
  name: string
  kind: string
  /** Whose log it is; null for a source that sends by itself, or whose provider was disconnected. */
  providerId: string | null
  silentAfterSeconds: number | null
  enabled: boolean
  createdBy: string
  createdAt: Date
  version: number
}

/** What the trail keeps of a source. */
export const recordView = (row: SourceRow) => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  provider_id: row.providerId,
  silent_after_seconds: row.silentAfterSeconds,
  enabled: row.enabled,
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  version: row.version,
})

/** Writes the row and its trail entry. Refuses 409 `name_taken`. */
export async function makeSource(
  actor: Actor,
  input: { name: string; kind: string; silent_after_seconds?: number | null | undefined; provider_id?: string },
): Promise<SourceRow> {
  try {
    return await withTx(async (tx) => {
      const made = await tx.source.create({
        data: {
          id: newId(),
          name: input.name,
          kind: input.kind,
          providerId: input.provider_id ?? null,
          silentAfterSeconds: input.silent_after_seconds ?? null,
          createdBy: actor.name,
        },
      })
      await record(tx, {
        actor,
        action: "source.create",
        target: { kind: "source", id: made.id, name: made.name },
        after: recordView(made),
      })
      return made
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict("name_taken", `There is a source named ${input.name} already.`)
    throw error
  }
}
