"use client"

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { api, isNotFound } from "../api.ts"
import { isOver } from "./words.ts"

/** How often a rotation in flight is asked about, in milliseconds: evidence comes in by itself. */
const pollMs = 2_000

export const useRotation = (id: string) =>
  useQuery({
    queryKey: ["/rotations", "one", id],
    queryFn: ({ signal }) => api<RotationDetail>(`/rotations/${id}`, { signal }),
    refetchInterval: (query) =>
      isNotFound(query.state.error) || (query.state.data && isOver(query.state.data)) ? false : pollMs,
  })

export type RotationAct = "confirm" | "retire" | "extend" | "abort" | "emergency-revoke" | "resume"

/** Acts on a rotation. What is shown afterwards is the server's answer, never a guess. */
export function useRotationAct(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ act, body }: { act: RotationAct; body?: unknown }) =>
      api<RotationDetail>(`/rotations/${id}/${act}`, { method: "POST", body: body ?? {} }),
    onSuccess: (rotation) => {
      queries.setQueryData(["/rotations", "one", id], rotation)
      void queries.invalidateQueries({ queryKey: ["/rotations"], predicate: (q) => q.queryKey[1] !== "one" })
    },
    onError: () => void queries.invalidateQueries({ queryKey: ["/rotations", "one", id] }),
  })
}
