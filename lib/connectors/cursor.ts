import type { z } from "zod"
import { jsonOrUndefined } from "../base/json.ts"
import { ConnectorError } from "./connector-error.ts"

/** Where the reading of a log goes on: JSON of this shape. `log`: whose it is, as an error names it. Throws `invalid`. */
export function positionIn<T extends z.ZodType>(cursor: string, shape: T, step: string, log: string): z.output<T> {
  const read = shape.safeParse(jsonOrUndefined(cursor))
  if (read.success) return read.data
  throw noPosition(step, log)
}

export const noPosition = (step: string, log: string): ConnectorError =>
  new ConnectorError("invalid", step, `This is not a position in ${log}.`)

/** A log that gives the same place again would be read for ever. */
export const standsStill = (step: string): ConnectorError =>
  new ConnectorError("unknown", step, "The provider's log does not advance.")
