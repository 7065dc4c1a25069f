/** What this room takes in and gives out. contract.md section 4. */
import { z } from "zod"
import type { Json } from "../base/json.ts"

export const idParams = z.object({ id: z.uuid() })

export const planInput = z.strictObject({
  provider_ids: z
    .array(z.uuid("must be the id of a provider"))
    .min(1, "needs at least one provider")
    .max(50)
    .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))]),
  purpose: z
    .string()
    .trim()
    .max(300)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not hold control characters")
    .optional(),
})
export type PlanInput = z.infer<typeof planInput>

export const applyInput = z.strictObject({
  /** Ids of changes that a person has looked at and wants: deletes and widened grants. */
  confirm: z.array(z.uuid()).max(100_000).default([]),
  /** Yes to more deletes than the limit per run (T30). */
  beyond_limit: z.boolean().default(false),
})
export type ApplyInput = z.infer<typeof applyInput>

export const planPatch = z.strictObject({ purpose: z.string().trim().max(300).nullable().optional() })

const reason = z.string().trim().max(1_000).optional()
export const ignoreInput = z.strictObject({ until: z.iso.datetime({ offset: true }), reason })
export const decisionInput = z.strictObject({ reason })
export const adoptInput = z.strictObject({ keys: z.array(z.string().min(1).max(1_100)).min(1).max(10_000) })

export interface ChangeWire {
  readonly id: string
  readonly verb: string
  readonly kind: string
  readonly key: string
  readonly provider_id: string
  readonly fields: Json
  readonly projection?: Json
  readonly needs_confirmation: boolean
  readonly status: string
  readonly attempt: number
  readonly error: Json
  readonly finished_at: string | null
}

export const keptView = z.object({
  kind: z.string(),
  key: z.string(),
  code: z.string(),
  why: z.string(),
  provider_id: z.string(),
})
export type KeptWire = Readonly<z.infer<typeof keptView>>

/** How one provider holds the grants that are wanted there. `items`: those that are not held exactly. */
export const reportView = z.object({
  provider_id: z.string(),
  exact: z.int(),
  widened: z.int(),
  unsupported: z.int(),
  items: z.array(z.object({ key: z.string(), is: z.enum(["widened", "unsupported"]), why: z.string() })).readonly(),
})
export type ReportWire = Readonly<z.infer<typeof reportView>>

/** What a token showed that was fetched with the new state. `waiting`: it is being fetched. */
export const outcomeWords = ["waiting", "pass", "mismatch", "not_tried"] as const
export interface OutcomeWire {
  readonly provider_id: string
  readonly client: string
  readonly is: (typeof outcomeWords)[number]
  readonly why: string
}

export interface PlanSummary {
  readonly id: string
  readonly status: string
  readonly provider_ids: readonly string[]
  readonly purpose: string | null
  readonly hash: string
  readonly counts: {
    readonly create: number
    readonly update: number
    readonly delete: number
    readonly disable: number
  }
  readonly progress: { readonly [status: string]: number }
  readonly created_by: string
  readonly created_at: string
  readonly expires_at: string
  readonly approved_by: string | null
  readonly approved_at: string | null
  readonly applied_by: string | null
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly version: number
}

export interface PlanWire extends PlanSummary {
  readonly changes: readonly ChangeWire[]
  readonly kept: readonly KeptWire[]
  readonly projection: readonly ReportWire[]
  /** After the apply, per client; empty before. */
  readonly outcome: readonly OutcomeWire[]
  readonly confirmed: readonly string[]
  /** How many deletes one run on these providers may hold (T30). */
  readonly deletes_limit: number
}
