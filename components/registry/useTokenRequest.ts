"use client"

import { useQuery } from "@tanstack/react-query"
import type { AskView } from "../../lib/inspect/ask.ts"
import { api, queryString } from "../api.ts"

/** How a client asks a provider for a token of an audience, as that provider's connector says it. Null: not yet chosen. */
export function useTokenRequest(
  wanted: {
    readonly client: string
    readonly provider: string
    readonly audience: string | null
    readonly scopes: readonly string[]
  } | null,
) {
  const path =
    wanted &&
    `/clients/${wanted.client}/token-request${queryString({ provider_id: wanted.provider, audience: wanted.audience, scope: wanted.scopes })}`
  return useQuery({
    queryKey: [path],
    enabled: path !== null,
    queryFn: ({ signal }) => api<AskView>(path ?? "", { signal }),
    staleTime: 30_000,
    retry: false,
  })
}
