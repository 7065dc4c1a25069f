import type { Json } from "../../../base/json.ts"
import type { FakeRequest, Route } from "../base/server.ts"
import type { Admin } from "./callers.ts"
import { filterOf } from "./filter.ts"
import { Refused, refusal } from "./law.ts"
import type { Body, Org } from "./state.ts"

const [defaultLimit, limitMax] = [100, 1_000]

/**
 * Two ways to ask. Polling (no `until`, ascending): by arrival, and the next link is always there. Bounded: by `published`,
 * and the link ends with the last page.
 */
export function logRoutes(org: Org, admin: Admin): readonly Route[] {
  return [
    admin("GET", "/api/v1/logs", "okta.logs.read", (request) => {
      const { query } = request
      const limit = Number(query.get("limit") ?? defaultLimit)
      const order = query.get("sortOrder") ?? "ASCENDING"
      const fits = filterOf(query.get("filter") ?? "")
      if (!fits || limit > limitMax || !["ASCENDING", "DESCENDING"].includes(order))
        throw new Refused(refusal(400, "E0000053", "Invalid filter."))
      const polling = !query.has("until") && order === "ASCENDING"
      const all = polling ? arrived(org, query) : between(org, query, order)
      const found = all.filter(([, event]) => fits(event))
      const page = found.slice(0, limit)
      // What did not fit the filter is passed over for good.
      const on = page.length < found.length ? (page.at(-1)?.[0] ?? -1) : org.log.length - 1
      const link = polling || found.length > page.length ? [nextLink(request, on)] : []
      return {
        status: 200,
        headers: { link: [`<${request.origin}/api/v1/logs>; rel="self"`, ...link].join(", ") },
        json: page.map(([, { arrived: _arrived, ...event }]) => event as Json),
      }
    }),
  ]
}

type Numbered = readonly (readonly [number, Body])[]

function arrived(org: Org, query: URLSearchParams): Numbered {
  const after = query.get("after")
  const since = Date.parse(query.get("since") ?? "")
  return org.log
    .map((event, i) => [i, event] as const)
    .filter(([i, event]) => (after === null ? !(Number(event.arrived) < since) : i > Number(after)))
}

function between(org: Org, query: URLSearchParams, order: string): Numbered {
  const since = Date.parse(query.get("since") ?? "")
  const until = Date.parse(query.get("until") ?? "")
  const time = ([, event]: readonly [number, Body]) => Date.parse(String(event.published))
  const sorted = org.log
    .map((event, i) => [i, event] as const)
    .filter((one) => !(time(one) < since) && !(time(one) >= until))
    .toSorted((a, b) => time(a) - time(b))
  return order === "DESCENDING" ? sorted.toReversed() : sorted
}

function nextLink({ origin, query }: FakeRequest, on: number): string {
  const next = new URLSearchParams(query)
  next.set("after", String(on))
  return `<${origin}/api/v1/logs?${next.toString()}>; rel="next"`
}
