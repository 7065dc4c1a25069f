import { z } from "zod"
import { invalid } from "../base/errors.ts"

/** `limit` 1 to 1000 (default 50) and an opaque `cursor`, for every list. */
export const pageQuery = { limit: z.coerce.number().int().min(1).max(1000).default(50), cursor: z.string().max(2000).optional() }

export const encodeCursor = (values: readonly (string | number | null)[]): string => Buffer.from(JSON.stringify(values)).toString("base64url")

/** The values of a cursor that this server made. Throws Invalid. */
export function decodeCursor(cursor: string): readonly (string | number | null)[] {
  try {
    return z.array(z.union([z.string(), z.number(), z.null()])).max(8).parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")))
  } catch {
    throw invalid("cursor", "bad_cursor", "This cursor is not one of this server.")
  }
}
