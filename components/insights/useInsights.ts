"use client"

import { keepPreviousData, useQuery } from "@tanstack/react-query"
import type { Insights } from "../../lib/events/series.ts"
import { api, queryString } from "../api.ts"

/** What every board draws: one answer of the rollups. Asked again each half minute while the range moves with the clock. */
export const useInsights = (query: Readonly<Record<string, string | readonly string[]>>, moving: boolean) =>
  useQuery({
    queryKey: ["/events/insights", query],
    queryFn: ({ signal }) => api<Insights>(`/events/insights${queryString(query)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: moving ? 30_000 : false,
  })
