import type { FakeRequest, Route } from "../base/server.ts"
import { refuse, Refused } from "./law.ts"
import type { Tenant } from "./state.ts"
import type { Caller } from "./token.ts"

type Who = (request: FakeRequest, ...anyOf: readonly string[]) => Promise<Caller>

/** A search through the log ends here, whatever the page. */
const searchMax = 1_000

export const logRoutes = (tenant: Tenant, who: Who): readonly Route[] => [
  {
    method: "GET",
    path: "/api/v2/logs",
    async run(request) {
      await who(request, "read:logs")
      const { query, origin } = request
      const visible = tenant.logs.filter(
        ({ date }) => Date.parse(date) + tenant.modes.logDelayMs <= tenant.clock.now().getTime(),
      )
      const from = query.get("from")
      if (from !== null) {
        // With a checkpoint every other parameter but `take` is ignored.
        const take = Math.min(Number(query.get("take") ?? 50), 100)
        const page = visible.filter(({ log_id }) => log_id > from).slice(0, take)
        const next = `${origin}/api/v2/logs?take=${take}&from=${page.at(-1)?.log_id ?? from}`
        return { status: 200, headers: { link: `<${next}>; rel="next"` }, json: page }
      }
      const limit = Math.min(Number(query.get("per_page") ?? 50), 100)
      const start = Number(query.get("page") ?? 0) * limit
      if (start + limit > searchMax)
        throw new Refused(refuse(tenant, 400, "Search results end at 1000.", "invalid_query_string"))
      const sorted = query.get("sort") === "date:-1" ? visible.toReversed() : visible
      return { status: 200, json: sorted.slice(start, start + limit) }
    },
  },
]
