/** What the API answers, as far as it is read here (contract sections 3 and 4). */
import { z } from "zod"

const fields = z.array(z.object({ field: z.string(), from: z.unknown(), to: z.unknown() }))
const projection = z.object({ is: z.enum(["exact", "widened", "unsupported"]), why: z.string() })
const kept = z.object({ kind: z.string(), key: z.string(), code: z.string(), why: z.string(), provider_id: z.string() })
const change = z.object({
  verb: z.string(),
  kind: z.string(),
  key: z.string(),
  fields,
  provider_id: z.string(),
  projection: projection.optional(),
  needs_confirmation: z.boolean(),
})

export const preview = z.object({
  etag: z.string(),
  registry: z.array(
    z.object({ verb: z.enum(["create", "update", "delete"]), kind: z.string(), key: z.string(), fields }),
  ),
  providers: z.array(z.object({ id: z.string(), name: z.string() })),
  changes: z.array(change),
  kept: z.array(kept),
  /** How many deletes one run may hold. */
  deletes_limit: z.number(),
})
export type Preview = z.infer<typeof preview>
export type Change = z.infer<typeof change>

export const plan = z.object({
  id: z.string(),
  status: z.string(),
  changes: z.array(
    change.extend({
      id: z.string(),
      status: z.string(),
      error: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
  kept: z.array(kept),
})
export type Plan = z.infer<typeof plan>

export const plans = z.object({
  items: z.array(z.object({ id: z.string(), purpose: z.string().nullable(), expires_at: z.string() })),
})

export const replaced = z.object({ changes: preview.shape.registry })

/** RFC 9457, with our `code` and, at 422, one entry for each unusable field. */
export const problem = z.object({
  code: z.string(),
  detail: z.string().optional(),
  title: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof problem>
