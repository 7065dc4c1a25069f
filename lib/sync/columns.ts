/**
 * Every JSON column of this room, parsed where a row comes in. Each is written from values of these very shapes, so
 * anything else is damage: it is told with its place and never taken for "nothing there". Pure.
 */
import { z } from "zod"
import { column } from "../base/column.ts"
import type { Json } from "../base/json.ts"
import { objectKinds, type RemoteObject } from "../connectors/objects.ts"
import { outcomeWords } from "./schema.ts"

/** What Postgres hands out of a JSON column is JSON; only its shape is open. */
const json = z.custom<Json>((value) => value !== undefined)
const kind = z.enum(objectKinds)
const fields = z.record(z.string(), json)
const remoteObject = z
  .object({
    kind,
    key: z.string(),
    remoteId: z.string(),
    marked: z.boolean(),
    marker: z.string().nullish(),
    fields,
    unknown: z.array(z.string()).optional(),
  })
  .transform(({ marker, unknown, ...object }): RemoteObject => ({
    ...object,
    ...(marker === undefined ? {} : { marker }),
    ...(unknown === undefined ? {} : { unknown }),
  }))
const stepError = z.object({ code: z.string(), message: z.string() }).catchall(json)
const kept = z.object({ kind: z.string(), key: z.string(), why: z.string(), code: z.string(), provider_id: z.string() })
const projection = z.object({ is: z.enum(["exact", "widened", "unsupported"]), why: z.string() })

export const placementApplied = column("placement.applied", fields)
export const providerLastRead = column("provider.last_read", z.array(remoteObject).nullable())
export const importFound = column("import.found", z.array(remoteObject))
export const importAdopted = column("import.adopted", z.array(z.string()))
export const planKept = column("plan.kept", z.array(kept))
const count = z.int().min(0)
export const planReport = column(
  "plan.report",
  z.array(
    z.object({
      provider_id: z.string(),
      exact: count,
      widened: count,
      unsupported: count,
      items: z.array(z.object({ key: z.string(), is: z.enum(["widened", "unsupported"]), why: z.string() })),
    }),
  ),
)
export const planOutcome = column(
  "plan.outcome",
  z.array(
    z.object({
      provider_id: z.string(),
      client: z.string(),
      is: z.enum(outcomeWords),
      why: z.string(),
    }),
  ),
)
export const changeFields = column("plan_change.fields", z.array(z.object({ field: z.string(), from: json, to: json })))
export const changeObject = column("plan_change.object", z.object({ kind, key: z.string(), fields }).nullable())
export const changeProjection = column("plan_change.projection", projection.nullable())
export const changeError = column("plan_change.error", stepError.nullable())
export const driftFields = column(
  "drift_item.fields",
  z.array(z.object({ field: z.string(), applied: json, found: json })),
)
/** `{id, name?, client?, realm?}`. */
export const driftActor = column("drift_item.actor", z.object({ id: z.string() }).catchall(z.string()).nullable())
