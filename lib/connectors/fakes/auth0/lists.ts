/** Auth0's two ways through a list and the three shapes of its answer. */
import type { FakeAnswer, FakeRequest } from "../base/server.ts"
import type { Tenant } from "./state.ts"

const number = (text: string | null, otherwise: number, max: number): number => {
  const value = Number(text ?? otherwise)
  return Number.isInteger(value) && value >= 0 ? Math.min(value, max) : otherwise
}

/** `checkpoint`: the list knows `from` and `take`. A checkpoint is opaque: the place, wrapped. */
export function listAnswer(
  tenant: Tenant,
  { query }: FakeRequest,
  list: { readonly name: string; readonly items: readonly unknown[]; readonly checkpoint: boolean },
): FakeAnswer {
  const { name, items } = list
  if (list.checkpoint && tenant.modes.lists === "checkpoint" && (query.has("take") || query.has("from"))) {
    const start = Number(Buffer.from(query.get("from") ?? "", "base64url").toString("utf8") || 0)
    const end = start + number(query.get("take"), 50, 100)
    const next =
      end < items.length ? Buffer.from(String(end)).toString("base64url") : tenant.modes.byContract ? "" : undefined
    return { status: 200, json: { [name]: items.slice(start, end), ...(next === undefined ? {} : { next }) } }
  }
  const limit = number(query.get("per_page"), 50, 100)
  const start = number(query.get("page"), 0, 1_000_000) * limit
  const page = items.slice(start, start + limit)
  const { lists } = tenant.modes
  const totals = lists === "totals" || (lists === "checkpoint" && query.get("include_totals") === "true")
  return { status: 200, json: totals ? { start, limit, total: items.length, [name]: page } : page }
}
