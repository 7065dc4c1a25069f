import { z } from "zod"
import { isObject } from "../../base/json.ts"
import { ConnectorError } from "../connector-error.ts"
import { unhurried, type Api, type ApiCall } from "./api.ts"

const pagesMax = 10_000

/** Every page of one list, by its `NextToken`. One that comes again is an error, never a half answer. */
export async function listAll<T extends z.ZodType>(
  api: Api,
  list: Pick<ApiCall, "step" | "operation" | "input"> & { readonly member: string },
  item: T,
): Promise<readonly z.output<T>[]> {
  const { step, member, operation, input } = list
  const page = z.preprocess(
    (body) => (isObject(body) ? { items: body[member], next: body.NextToken } : body),
    z.object({ items: z.array(item), next: z.string().nullish() }),
  )
  const ask = (next: string | null) =>
    api({ step, kind: "read", operation, input: { ...input, ...(next === null ? {} : { NextToken: next }) } }, page)
  const items: z.output<T>[] = []
  const seen = new Set<string>()
  let next: string | null = null
  for (let n = 0; n < pagesMax; n++) {
    const at = next
    const told: z.output<typeof page> = n === 0 ? await ask(null) : await unhurried(() => ask(at))
    items.push(...told.items)
    next = told.next || null
    if (next === null) return items
    if (seen.has(next)) throw new ConnectorError("unknown", step, "The provider's list does not advance.")
    seen.add(next)
  }
  throw new ConnectorError("unknown", step, `The provider's list is longer than ${pagesMax} pages.`)
}
