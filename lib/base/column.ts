import type { z } from "zod"
import { Refused } from "./errors.ts"

/**
 * Reads one JSON column where a row comes in. It was written from values of this very shape, so anything else is damage:
 * throws Refused 500 `stored_data_unreadable` with the column and what is wrong with it, without the value.
 */
export const column =
  <T extends z.ZodType>(name: string, schema: T) =>
  (value: unknown): z.output<T> => {
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new Refused("stored_data_unreadable", `The column ${name} holds what this version cannot read.`, {
      status: 500,
      evidence: { column: name, path: issue?.path.join(".") ?? "", problem: issue?.code ?? "invalid" },
    })
  }
