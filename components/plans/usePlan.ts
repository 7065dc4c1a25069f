"use client"

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import type { ApplyInput, PlanWire } from "../../lib/sync/schema.ts"
import { api } from "../api.ts"

/** How often an apply in progress is asked about, in milliseconds. */
const pollMs = 1_000

const underWay = ({ status, outcome }: PlanWire) => status === "applying" || outcome.some(({ is }) => is === "waiting")

/** One plan, live while it is applied and its tokens are fetched. */
export const usePlan = (id: string) =>
  useQuery({
    queryKey: ["/plans", id],
    queryFn: ({ signal }) => api<PlanWire>(`/plans/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && underWay(query.state.data) ? pollMs : false),
    refetchIntervalInBackground: true,
  })

export type PlanAct = "approve" | "discard" | "resume" | "apply"

/** Acts on a plan. What is shown afterwards is the server's answer, never a guess. */
export function usePlanAct(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ act, body }: { act: PlanAct; body?: Partial<ApplyInput> }) =>
      api<PlanWire>(`/plans/${id}/${act}`, { method: "POST", ...(body ? { body } : {}) }),
    onSuccess: (plan) => {
      queries.setQueryData(["/plans", id], plan)
      void queries.invalidateQueries({ queryKey: ["/plans"], exact: false, predicate: (q) => q.queryKey[1] !== id })
    },
  })
}

/** Reads the providers, makes a plan and goes to its page. Takes as long as the slowest provider, at most a minute. */
export function useMakePlan() {
  const router = useRouter()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (input: { provider_ids: readonly string[]; purpose?: string }) =>
      api<PlanWire>("/plans", { method: "POST", body: input, idempotencyKey: crypto.randomUUID() }),
    onSuccess: (plan) => {
      queries.setQueryData(["/plans", plan.id], plan)
      void queries.invalidateQueries({ queryKey: ["/plans"] })
      router.push(`/plans/${plan.id}`)
    },
  })
}
