"use client"

import { Button, TextInput } from "@mantine/core"
import { useDebouncedCallback } from "@mantine/hooks"
import { IconShieldCheck } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import { parseAsString, useQueryStates } from "nuqs"
import { api } from "../api.ts"
import { Choice } from "../ui/Choice.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { FilterBar, pillWith } from "../ui/FilterBar.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Pick } from "../ui/Pick.tsx"
import { TrailList } from "./TrailList.tsx"
import { VerdictPanel, type Verdict } from "./VerdictPanel.tsx"

const none = { actor: null, action: null, target_kind: null, target_id: null, from: null, to: null }

export function ActivityPage({ actions, kinds }: { actions: readonly string[]; kinds: readonly string[] }) {
  const [f, set] = useQueryStates(
    {
      actor: parseAsString,
      action: parseAsString,
      target_kind: parseAsString,
      target_id: parseAsString,
      from: parseAsString,
      to: parseAsString,
    },
    { history: "replace" },
  )
  const verify = useMutation({ mutationFn: () => api<Verdict>("/trail/verify", { method: "POST" }) })
  const who = useDebouncedCallback((actor: string) => void set({ actor: actor || null }), 300)
  const pill = pillWith(set)
  const pills = [
    ...pill("Who", f.actor, { actor: null }),
    ...pill("What", f.action, { action: null }),
    ...pill("Kind", f.target_kind, { target_kind: null }),
    ...pill("Object", f.target_id, { target_id: null }),
    ...pill("From", f.from, { from: null }),
    ...pill("To", f.to, { to: null }),
  ]
  const any = pills.length > 0
  return (
    <>
      <PageHeader
        title="Activity"
        description="Who changed what in Grantry. Each entry commits with its change and carries the hash of the one before it."
        actions={
          <Button
            variant="default"
            leftSection={<IconShieldCheck size={15} aria-hidden />}
            loading={verify.isPending}
            onClick={() => verify.mutate()}
          >
            Verify the chain
          </Button>
        }
      />
      <div aria-live="polite">{verify.data && <VerdictPanel verdict={verify.data} />}</div>
      {verify.error && <ErrorPanel error={verify.error} />}
      <Panel flush>
        <FilterBar pills={pills} clear={() => void set(none)}>
          <TextInput
            aria-label="Who"
            placeholder="Who"
            size="xs"
            w={200}
            defaultValue={f.actor ?? ""}
            onChange={(e) => who(e.currentTarget.value)}
          />
          <Pick
            aria-label="What"
            placeholder="What"
            size="xs"
            w={220}
            options={actions.map((a) => ({ value: a, label: a }))}
            value={f.action}
            onChange={(action) => void set({ action })}
            nothing="No such action"
          />
          <Choice
            aria-label="Kind of object"
            any="Any kind of object"
            size="xs"
            w={160}
            data={[...kinds]}
            value={f.target_kind}
            onChange={(target_kind) => void set({ target_kind })}
          />
        </FilterBar>
      </Panel>
      <div style={{ height: 12 }} />
      <TrailList filter={f} {...(any ? { clear: () => void set(none) } : {})} />
    </>
  )
}
