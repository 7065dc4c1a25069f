"use client"

import { useQuery } from "@tanstack/react-query"
import type { SourceView } from "../../lib/events/sources.ts"
import { api, type Page } from "../api.ts"

/** Every event source with its watermark; few. Asked again each `everyMs`. */
export const useSources = (everyMs = 15_000) =>
  useQuery({ queryKey: ["/sources"], queryFn: ({ signal }) => api<Page<SourceView>>("/sources?limit=1000", { signal }), refetchInterval: everyMs })
