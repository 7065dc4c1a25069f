"use client"

import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query"
import type { Facets } from "../../lib/events/facets.ts"
import type { Histogram } from "../../lib/events/histogram.ts"
import type { EventItem } from "../../lib/events/item.ts"
import { api, queryString, type Page } from "../api.ts"

type Query = Readonly<Record<string, string | readonly string[]>>

/** Rows, histogram and facets of one query of the events API, each asked for itself. */
export function useEvents(query: Query) {
  const rows = useInfiniteQuery({
    queryKey: ["/events", query],
    queryFn: ({ pageParam, signal }) =>
      api<Page<EventItem>>(`/events${queryString({ ...query, limit: 100, cursor: pageParam })}`, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Page<EventItem>) => last.next,
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  })
  const histogram = useQuery({
    queryKey: ["/events/histogram", query],
    queryFn: ({ signal }) => api<Histogram>(`/events/histogram${queryString(query)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  })
  const facets = useQuery({
    queryKey: ["/events/facets", query],
    queryFn: ({ signal }) => api<Facets>(`/events/facets${queryString(query)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: false,
  })
  return { rows, histogram, facets }
}
