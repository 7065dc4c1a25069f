"use client"

import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import type { AccessPage } from "../../lib/access/queries.ts"
import { api, queryString } from "../api.ts"
import { pairStateNames } from "./words.ts"

const params = {
  q: parseAsString,
  client: parseAsString,
  audience: parseAsString,
  provider: parseAsString,
  owner: parseAsString,
  seen: parseAsStringLiteral(pairStateNames),
  days: parseAsInteger.withDefault(30),
  after: parseAsString,
  pair_client: parseAsString,
  pair_audience: parseAsString,
}

/** What the matrix and the graph show, all of it in the URL; the names that the table has too mean the same there. */
export function useAccess(limit: number) {
  const [f, set] = useQueryStates(params, { history: "push" })
  const query = {
    q: f.q,
    client: f.client,
    audience: f.audience,
    provider: f.provider,
    owner: f.owner,
    state: f.seen,
    days: f.days,
    limit,
    cursor: f.after,
  }
  const page = useQuery({
    queryKey: ["/access", query],
    queryFn: ({ signal }) => api<AccessPage>(`/access${queryString(query)}`, { signal }),
    placeholderData: keepPreviousData,
  })
  return { f, set, page }
}
export type AccessFilters = ReturnType<typeof useAccess>["f"]
