"use client"

import { Button, Group, Text } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useEffect, useRef, useState } from "react"
import type { DemoState } from "../../lib/playground/demo/switch.ts"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { saidError } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"

const tones: Readonly<Record<DemoState["phase"], Tone>> = {
  off: "quiet",
  starting: "info",
  running: "pass",
  removing: "info",
  failed: "fail",
}

/** What people want and what the fleet says of itself do not agree yet. */
const underWay = (state: DemoState | undefined): boolean =>
  state !== undefined &&
  (state.phase === "starting" || state.phase === "removing" || (!state.enabled && state.phase === "running"))

/** The demo fleet's switch and its state, live. What the page shows of it is asked again when it has come and when it has gone. */
export function useDemo() {
  const queries = useQueryClient()
  const router = useRouter()
  const query = useQuery({
    queryKey: ["/demo"],
    queryFn: ({ signal }) => api<DemoState>("/demo", { signal }),
    refetchInterval: (q) => (underWay(q.state.data) ? 1_500 : 15_000),
  })
  const phase = query.data?.phase
  const before = useRef(phase)
  useEffect(() => {
    const was = before.current
    before.current = phase
    if (was === undefined || was === phase || (phase !== "off" && phase !== "running")) return
    void queries.invalidateQueries()
    router.refresh()
  }, [phase, queries, router])
  const set = useMutation({
    mutationFn: (enabled: boolean) => api<DemoState>("/demo", { method: "PUT", body: { enabled } }),
    onSuccess: async () => {
      await queries.invalidateQueries()
      router.refresh()
    },
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
  const goes = !state.enabled && state.phase !== "failed"
  return (
    <Panel>
      <Group justify="space-between">
        <Group gap="sm">
          <StatusBadge tone={goes ? "info" : tones[state.phase]}>
            {goes ? "demo removing…" : `demo ${state.phase}`}
          </StatusBadge>
          <Text size="sm">
            {state.message ??
              (goes
                ? "Its services stop; their clients, audiences, grants and events go. The numbers below follow at its end."
                : "The demo services call each other with real tokens, now and then wrongly, and report it.")}
          </Text>
        </Group>
        {writes && state.enabled && (
          <Button variant="default" onClick={() => setAsking(true)}>
            Remove demo
          </Button>
        )}
      </Group>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title="Remove the demo"
        verb="Remove demo"
        busy={demo.busy}
        onConfirm={() => {
          demo.remove()
          setAsking(false)
        }}
      >
        The demo services stop; their clients, audiences, grants and events go. What you registered yourself stays.
      </ConfirmDialog>
    </Panel>
  )
}

/** A console that has something of its own may still want to see it alive. */
export function DemoOffer({ demo }: { demo: Demo }) {
  const writes = useMay("settings:write")
  if (!writes || !demo.state || demo.state.enabled || demo.state.phase !== "off") return null
  return (
    <Group gap="xs">
      <Text size="xs" c="dimmed">
        Want to see more traffic? The demo services call each other with real tokens; one click removes them again.
      </Text>
      <Button size="compact-xs" variant="default" loading={demo.busy} onClick={demo.start}>
        Start the demo fleet
      </Button>
    </Group>
  )
}
