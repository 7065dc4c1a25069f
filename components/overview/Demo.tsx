"use client"

import { Button, Group, Text } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { DemoState } from "../../lib/playground/demo/switch.ts"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { saidError } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"

const tones: Readonly<Record<DemoState["phase"], Tone>> = { off: "quiet", starting: "info", running: "pass", removing: "info", failed: "fail" }

/** The demo fleet's switch and its state, live. */
export function useDemo() {
  const queries = useQueryClient()
  const router = useRouter()
  const query = useQuery({ queryKey: ["/demo"], queryFn: ({ signal }) => api<DemoState>("/demo", { signal }), refetchInterval: (q) => (q.state.data?.phase === "starting" || q.state.data?.phase === "removing" ? 1_500 : 15_000) })
  const set = useMutation({
    mutationFn: (enabled: boolean) => api<DemoState>("/demo", { method: "PUT", body: { enabled } }),
    onSuccess: async () => { await queries.invalidateQueries(); router.refresh() },
    onError: saidError,
  })
  return { state: query.data, start: () => set.mutate(true), remove: () => set.mutate(false), busy: set.isPending }
}
export type Demo = ReturnType<typeof useDemo>

/** While the demo is there, every overview says so. */
export function DemoBar({ demo }: { demo: Demo }) {
  const writes = useMay("settings:write")
  const [asking, setAsking] = useState(false)
  const state = demo.state
  if (!state || (!state.enabled && state.phase === "off")) return null
  return (
    <Panel>
      <Group justify="space-between">
        <Group gap="sm"><StatusBadge tone={tones[state.phase]}>{`demo ${state.phase}`}</StatusBadge><Text size="sm">{state.message ?? "Four demo services call each other with real tokens, now and then wrongly, and report it."}</Text></Group>
        {writes && state.enabled && <Button variant="default" onClick={() => setAsking(true)}>Remove demo</Button>}
      </Group>
      <ConfirmDialog opened={asking} onClose={() => setAsking(false)} title="Remove the demo" verb="Remove demo" busy={demo.busy} onConfirm={() => { demo.remove(); setAsking(false) }}>
        The demo services stop; their clients, audiences, grants and events go. What you registered yourself stays.
      </ConfirmDialog>
    </Panel>
  )
}
