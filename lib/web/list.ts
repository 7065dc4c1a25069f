import { z } from "zod"
import { invalid } from "../base/errors.ts"

/** `limit` 1 to 1000 (default 50) and an opaque `cursor`, for every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  cursor: z.string().max(2000).optional(),
}

/** What a list answers; `next` is null at its end. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() })

export const encodeCursor = (values: readonly (string | number | null)[]): string =>
  Buffer.from(JSON.stringify(values)).toString("base64url")

const anyCursor = z.array(z.union([z.string(), z.number(), z.null()])).max(8)
/** The cursor of lists in order of time: `[RFC 3339, id]`. */
export const timeCursor = z.tuple([z.iso.datetime({ offset: true }), z.uuid()])

/** The cursor of lists in order of id. */
export const idCursor = z.tuple([z.uuid()])

/** The cursor of lists in order of name: `[name, id]`. */
export const nameCursor = z.tuple([z.string(), z.uuid()])

/** The values of a cursor that this server made, in the shape of its list. Throws Invalid. */
export function decodeCursor<S extends z.ZodType<readonly (string | number | null)[]> = typeof anyCursor>(
  cursor: string,
  shape?: S,
): z.infer<S> {
  try {
    return (shape ?? anyCursor).parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"))) as z.infer<S>
  } catch {
    throw invalid("cursor", "bad_cursor", "This cursor is not one of this server.")
  }
}
