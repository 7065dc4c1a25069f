import "server-only"
import type { JsonObject } from "../base/json.ts"
import { together } from "../base/together.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { RemoteObject } from "../connectors/objects.ts"
import { db } from "../db/client.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { withTx } from "../db/tx.ts"
import { LeaseLost, type Lease } from "../queue/lease.ts"
import { changeFields, changeObject } from "./columns.ts"
import { lacking, type Step } from "./decide.ts"
import { writeEntries, type Entry } from "./journal-write.ts"
import { idOf } from "./normal.ts"
import { kindOf } from "./store.ts"
import type { ClientsGone } from "./world.ts"

/** One change of a plan as the journal holds it. */
export interface JournalStep extends Step {
  readonly id: string
  readonly planId: string
  readonly providerId: string
  readonly status: string
}

export interface StepError extends JsonObject {
  readonly code: string
  readonly message: string
}

export type BadEnd = "failed" | "skipped" | "unknown"

export async function stepsOf(planId: string, providerId: string): Promise<JournalStep[]> {
  const rows = await db().planChange.findMany({ where: { planId, providerId }, orderBy: { ordinal: "asc" } })
  const placed = await db().placement.findMany({
    where: { providerId },
    select: { kind: true, key: true, protected: true },
  })
  const standing = new Map(placed.map((row) => [idOf(row), row.protected ? ("protected" as const) : ("ours" as const)]))
  return rows.map((row) => ({
    id: row.id,
    planId,
    providerId,
    status: row.status,
    verb: row.verb as Step["verb"],
    kind: kindOf(row.kind),
    key: row.key,
    remoteId: row.remoteId,
    fields: changeFields(row.fields),
    object: changeObject(row.object),
    observed: row.observed,
    marker: `${planId}:${row.id}`,
    standing: standing.get(idOf(row)) ?? "not_ours",
  }))
}

/**
 * Where one run on a provider stands. What several lanes have to write at a time is committed together: each waits for its
 * own entry only, and for one commit instead of many. Every method throws LeaseLost, and the database's trouble: the entry
 * may be written then, so whoever goes on reads the journal again.
 */
export interface Journal {
  /** Before the call: whoever resumes knows that it may have been made. No call without this trace. */
  intent(step: JournalStep, started: boolean): Promise<void>
  /**
   * After the call: result, placement, the first secret's intent and the trail, together. A result that lacks a field is
   * `partial`: what did arrive is what was applied, so the next plan shows exactly the rest (F21).
   */
  result(step: JournalStep, result: RemoteObject | null): Promise<"done" | "partial">
  failure(step: JournalStep, status: BadEnd, error: StepError): Promise<void>
}

export function journalOf(lease: Lease, clientsGone?: ClientsGone): Journal {
  const write = together(
    async (entries: readonly Entry[]) => {
      await withTx((tx) => writeEntries(tx, lease, entries, clientsGone))
      return entries
    },
    // With the database away the commit may stand though its answer is lost; without the lease nobody may write at all.
    (error) => !isDatabaseTrouble(error) && !(error instanceof LeaseLost),
  )
  return {
    intent: async (step, started) => void (await write({ step, is: "intent", started })),
    async result(step, result) {
      const lost = result === null || step.verb === "delete" ? [] : lacking(step.fields, result)
      const error: StepError | null =
        lost.length === 0
          ? null
          : { code: "partial", message: `The provider did not take over ${lost.map(({ field }) => field).join(", ")}.` }
      await write({ step, is: error ? "failed" : "done", error, result })
      return error ? "partial" : "done"
    },
    failure: async (step, status, error) => void (await write({ step, is: "given_up", status, error })),
  }
}

/** A provider's words as they may be kept and shown: classified, redacted, short. */
export function errorOf(error: ConnectorError): StepError {
  const { code, message, step, httpStatus, providerCode, excerpt, requestId } = error
  return { code, message, step, http_status: httpStatus, provider_code: providerCode, excerpt, request_id: requestId }
}
