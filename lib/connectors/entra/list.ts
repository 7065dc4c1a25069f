import { z } from "zod"
import { ConnectorError } from "../connector-error.ts"
import type { Graph, GraphCall } from "./graph.ts"

/** Graph's page is 100 unless asked, at most 999. */
export const pageSize = 999
const pagesMax = 10_000

export interface Page {
  readonly items: readonly unknown[]
  readonly next: string | null
}

const pageShape = z
  .looseObject({ value: z.array(z.unknown()), "@odata.nextLink": z.string().nullish() })
  .transform((body): Page => ({ items: body.value, next: body["@odata.nextLink"] || null }))

/** One page, by a path of ours or by the link that the page before gave. */
export const readPage = (graph: Graph, what: Omit<GraphCall, "kind" | "method">): Promise<Page> =>
  graph({ ...what, kind: "read", method: "GET" }, pageShape)

/** All pages of one list. A link that comes twice is an error, never a half answer. */
export async function listAll<T>(
  graph: Graph,
  what: Omit<GraphCall, "kind" | "method">,
  item: z.ZodType<T>,
): Promise<readonly T[]> {
  const raw: unknown[] = []
  const seen = new Set<string>()
  let path = what.path
  for (let n = 0; n < pagesMax; n++) {
    const page = await readPage(graph, { ...what, path })
    raw.push(...page.items)
    if (page.next === null) return raw.map((one) => parsed(one, item, what.step))
    if (seen.has(page.next)) throw new ConnectorError("unknown", what.step, "The provider's list does not advance.")
    seen.add(page.next)
    path = page.next
  }
  throw new ConnectorError("unknown", what.step, `The provider's list is longer than ${pagesMax} pages.`)
}

export function parsed<T>(one: unknown, item: z.ZodType<T>, step: string): T {
  const read = item.safeParse(one)
  if (read.success) return read.data
  const at = read.error.issues[0]?.path.join(".") ?? ""
  throw new ConnectorError("unknown", step, `Graph shows an object of this list that cannot be read: ${at}`)
}

/** Scans are told apart from work, so that Graph slows them down first. */
export const lowPriority = { "x-ms-throttle-priority": "low" }

/** Reads side by side, where every object has to be asked for. */
export const readsAtOnce = 8
