"use client"

import { queryOptions, useQuery } from "@tanstack/react-query"
import type { SourceView } from "../../lib/events/source-view.ts"
import { api, type Page } from "../api.ts"

/** Nothing ever came: whoever waits for the first event sees it at once. */
export const nothingYet = (sources: readonly SourceView[] | undefined): boolean =>
  sources !== undefined && sources.every((s) => s.stored === 0)

/** Every event source with its watermark; few. One question for all pages: a watermark of some of them would promise too much. */
export const everySource = queryOptions({
  queryKey: ["/sources"],
  queryFn: ({ signal }) => api<Page<SourceView>>("/sources?limit=1000", { signal }),
})

/** They are asked for again each `everyMs`, and each 2 s while nothing ever came. */
export const useSources = (everyMs = 15_000) =>
  useQuery({
    ...everySource,
    refetchInterval: ({ state }) => (nothingYet(state.data?.items) ? 2_000 : everyMs),
  })
