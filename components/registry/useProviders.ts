"use client"

import { useQuery } from "@tanstack/react-query"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { api, type Page } from "../api.ts"

/** Every configured provider (few), for names, filters and forms. */
export function useProviders() {
  const query = useQuery({
    queryKey: ["/providers"],
    queryFn: ({ signal }) => api<Page<ProviderWire>>("/providers?limit=200", { signal }),
    staleTime: 30_000,
  })
  const items = query.data?.items ?? []
  return {
    items,
    nameOf: (id: string): string => items.find((p) => p.id === id)?.name ?? id.slice(0, 8),
    error: query.error,
    pending: query.isPending,
  }
}
