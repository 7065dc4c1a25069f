/** What rotations take in and give out. contract.md section 5. */
import { z } from "zod"
import type { Json } from "../base/json.ts"
import type { Gate, Grade } from "./gate.ts"
import { states, type State, type Strategy } from "./machine.ts"

const id = z.uuid("must be an id").toLowerCase()
export const rotationParams = z.object({ id })

/** Thirty days. Longer than that an old secret should not live beside a new one. */
export const graceSecondsMax = 30 * 86_400
const graceSeconds = z.int().min(0).max(graceSecondsMax)
const reason = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(1000)
  .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, "must not hold control characters")

export const rotationInput = z.strictObject({
  provider_id: id,
  confirm: z.boolean().default(false),
  grace_seconds: graceSeconds.optional(),
})
export const retireInput = z.strictObject({ override: z.strictObject({ reason }).optional() })
export const extendInput = z.strictObject({ seconds: graceSeconds.min(1).optional() })
export const rotationPatch = z.strictObject({ grace_until: z.iso.datetime({ offset: true }).optional() })
export const reasonInput = z.strictObject({ reason: reason.optional() })
export const emptyInput = z.strictObject({})

export const rotationFilter = {
  state: z.enum([...states, "in_flight", "due"]).optional(),
  client: z
    .string()
    .max(200)
    .regex(/^[^\p{Cc}]*$/u)
    .optional(),
  provider: z
    .string()
    .max(200)
    .regex(/^[^\p{Cc}]*$/u)
    .optional(),
}

/** What a rotation waits for. Null: it moves by itself, or is over. */
export type Waiting = "delivery" | "confirmation" | "evidence" | "grace" | "person" | "retry"

export interface RotationView {
  readonly id: string
  readonly client_id: string
  readonly client: string
  readonly provider_id: string
  readonly provider: string
  readonly state: State
  readonly strategy: Strategy
  readonly evidence_grade: Grade
  readonly emergency: boolean
  readonly old_secret_ids: readonly string[]
  readonly new_secret_id: string | null
  readonly grace_seconds: number
  readonly grace_started_at: string | null
  readonly grace_until: string | null
  /** Grace is over and the old secret still lives. */
  readonly overdue: boolean
  readonly waits_for: Waiting | null
  /** In place, after the switch: until somebody reveals the new secret the client has none that works. Also when it is done. */
  readonly client_without_secret: boolean
  readonly aborting: boolean
  readonly override: Json
  readonly stuck_why: string | null
  /** Why it was aborted without anybody's asking: its client was deleted at the provider. */
  readonly ended_why: string | null
  /** The last failed attempt of the present step, and when the next is due. */
  readonly trouble: Json
  readonly created_by: string
  readonly created_at: string
  readonly updated_at: string
  readonly finished_at: string | null
  readonly version: number
}

export interface RotationSecret {
  readonly id: string
  readonly role: "old" | "new"
  readonly state: string
  readonly fingerprint: string
  readonly created_at: string
  readonly verified_at: string | null
  readonly revealed_at: string | null
  /** Its value is held here for a service to take over. False also while the provider has still to choose it. */
  readonly revealable: boolean
  readonly retired_at: string | null
}

export interface RotationDetail extends RotationView {
  readonly gate: Gate
  readonly secrets: readonly RotationSecret[]
  /** The journal: intent before each effect, result after it. */
  readonly steps: readonly {
    readonly step: string
    readonly phase: string
    readonly at: string
    readonly detail: Json
  }[]
  /** The requests that are allowed now. */
  readonly actions: readonly ("confirm" | "retire" | "extend" | "abort" | "emergency-revoke" | "resume")[]
}
