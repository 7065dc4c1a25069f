"use client"

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { DriftWire } from "../../lib/sync/queries.ts"
import { api, apiWithVersion, isNotFound, type Page } from "../api.ts"
import { said, saidError } from "../ui/notify.tsx"

/** A read that was asked for and has not come yet. */
export const readsNow = (p: ProviderWire): boolean =>
  p.read_requested_at !== null &&
  (p.last_read_at === null || p.last_read_at < p.read_requested_at) &&
  Date.now() - Date.parse(p.read_requested_at) < 120_000

/** One provider with its version; followed closely while a read is awaited, loosely else (health changes by itself). */
export const useProvider = (id: string) =>
  useQuery({
    queryKey: ["/providers", id],
    queryFn: ({ signal }) => apiWithVersion<ProviderWire>(`/providers/${id}`, { signal }),
    refetchInterval: (query) =>
      isNotFound(query.state.error) ? false : query.state.data && readsNow(query.state.data.data) ? 1_500 : 15_000,
  })

/** Drift of one provider, newest read. `all` adds what is ignored. */
export const useDrift = (id: string, { all = false, every = 15_000 }: { all?: boolean; every?: number } = {}) =>
  useQuery({
    queryKey: ["/providers", id, "drift", all],
    queryFn: ({ signal }) => api<Page<DriftWire>>(`/providers/${id}/drift?limit=500${all ? "&all=1" : ""}`, { signal }),
    refetchInterval: every,
  })

export function useReadNow() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api<ProviderWire>(`/providers/${id}/read`, { method: "POST" }),
    onSuccess: (provider) => {
      said(`${provider.name} is being read.`)
      void queries.invalidateQueries({ queryKey: ["/providers"] })
    },
    onError: saidError,
  })
}
