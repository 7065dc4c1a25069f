/** The JSON column `rotation.gate`, and how it is written. Pure. */
import { z } from "zod"
import { column } from "../base/column.ts"
import { conditionNames, grades, type Gate } from "./gate.ts"

const gate = z.object({
  open: z.boolean(),
  grade: z.enum(grades),
  why: z.string(),
  complete_until: z.string().nullable(),
  old_last_seen_at: z.string().nullable(),
  new_last_seen_at: z.string().nullable(),
  opens_at: z.string().nullable(),
  conditions: z.array(z.object({ name: z.enum(conditionNames), is: z.boolean(), why: z.string() })),
}) satisfies z.ZodType<Gate>

/** The gate as it was seen when it decided; null before. Throws Refused 500 `stored_data_unreadable`. */
export const rotationGate = column("rotation.gate", gate.nullable())

export const gateJson = (seen: Gate) => ({ ...seen, conditions: seen.conditions.map((one) => ({ ...one })) })
