import { z } from "zod"
import { ConnectorError } from "../connector-error.ts"
import type { Api } from "./api.ts"

export const pageSize = 100
const pagesMax = 10_000

interface Page {
  readonly items: readonly unknown[]
  /** Checkpoint paging: where to go on. */
  readonly next: string | null
  /** Offset paging with totals. */
  readonly total: number | null
  /** A bare list says nothing about what follows. */
  readonly bare: boolean
}

/** The three shapes in which Auth0 answers a list: bare, `{start, limit, total, <name>}`, `{next, <name>}`. */
const pageOf = (name: string) =>
  z.union([
    z.array(z.unknown()).transform((items): Page => ({ items, next: null, total: null, bare: true })),
    z
      .looseObject({ [name]: z.array(z.unknown()), next: z.string().nullish(), total: z.number().nullish() })
      .transform((body): Page => {
        const items = body[name]
        return {
          items: Array.isArray(items) ? items : [],
          next: typeof body.next === "string" && body.next !== "" ? body.next : null,
          total: typeof body.total === "number" ? body.total : null,
          bare: false,
        }
      }),
  ])

/**
 * All pages of one list. `checkpoint` asks by `from` and `take`; where the tenant answers by offset instead, it is asked
 * again by offset. A checkpoint that stands still or an offset list without an end is an error, never a half answer.
 */
export async function listAll<T>(
  api: Api,
  list: {
    readonly path: string
    readonly name: string
    readonly query?: Readonly<Record<string, string>>
    readonly paging: "checkpoint" | "offset"
  },
  item: z.ZodType<T>,
): Promise<readonly T[]> {
  const step = `list ${list.name}`
  const page = pageOf(list.name)
  const ask = (query: Record<string, string>): Promise<Page> =>
    api(
      {
        step,
        kind: "read",
        method: "GET",
        path: `${list.path}?${new URLSearchParams({ ...list.query, ...query }).toString()}`,
      },
      page,
    )
  const raw = list.paging === "checkpoint" ? await byCheckpoint(ask, step) : await byOffset(ask, step)
  return raw.map((one) => {
    const parsed = item.safeParse(one)
    if (parsed.success) return parsed.data
    const at = parsed.error.issues[0]?.path.join(".") ?? ""
    throw new ConnectorError("unknown", step, `Auth0 shows an object of this list that cannot be read: ${at}`)
  })
}

type Ask = (query: Record<string, string>) => Promise<Page>

async function byCheckpoint(ask: Ask, step: string): Promise<readonly unknown[]> {
  const items: unknown[] = []
  const seen = new Set<string>()
  let from: string | null = null
  for (let n = 0; n < pagesMax; n++) {
    const page: Page = await ask({ take: String(pageSize), ...(from === null ? {} : { from }) })
    if (n === 0 && (page.bare || page.total !== null)) return await byOffset(ask, step)
    items.push(...page.items)
    if (page.next === null) return items
    if (seen.has(page.next)) throw stuck(step)
    seen.add(page.next)
    from = page.next
  }
  throw endless(step)
}

async function byOffset(ask: Ask, step: string): Promise<readonly unknown[]> {
  const items: unknown[] = []
  let last = ""
  for (let n = 0; n < pagesMax; n++) {
    const page = await ask({ page: String(n), per_page: String(pageSize), include_totals: "true" })
    const shown = JSON.stringify(page.items)
    if (page.items.length > 0 && shown === last) throw stuck(step)
    last = shown
    items.push(...page.items)
    if (page.total === null ? page.items.length < pageSize : items.length >= page.total) return items
    if (page.items.length === 0) throw stuck(step)
  }
  throw endless(step)
}

const stuck = (step: string) => new ConnectorError("unknown", step, "The provider's list does not advance.")
const endless = (step: string) =>
  new ConnectorError("unknown", step, `The provider's list is longer than ${pagesMax} pages.`)
