"use client"

import { Code } from "@mantine/core"
import type { RotationDetail, RotationSecret } from "../../lib/rotation/schema.ts"
import { DataTable, type Column } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import { Absent, TimeText } from "../ui/TimeText.tsx"
import { valueToCome } from "./words.ts"

const tones: Readonly<Record<string, Tone>> = { pending: "info", live: "pass", retiring: "warn", retired: "quiet" }

/** The old and the new secret by fingerprint; never a value. */
export function Secrets({ rotation: r }: { rotation: RotationDetail }) {
  const columns: readonly Column<RotationSecret>[] = [
    { key: "role", header: "Secret", cell: (s) => s.role },
    {
      key: "fingerprint",
      header: "Fingerprint",
      cell: (s) =>
        s.role === "new" && valueToCome(r) ? (
          <Absent why={`${r.provider} has not made it yet`} />
        ) : (
          <Code fz={12}>{s.fingerprint}</Code>
        ),
    },
    {
      key: "state",
      header: "State",
      cell: (s) => <StatusBadge tone={tones[s.state] ?? "unknown"}>{s.state}</StatusBadge>,
    },
    { key: "created", header: "Created", cell: (s) => <TimeText at={s.created_at} /> },
    {
      key: "verified",
      header: "Proven",
      cell: (s) => <TimeText at={s.verified_at} absent="no token was fetched with it yet" />,
    },
    { key: "revealed", header: "Revealed", cell: (s) => <TimeText at={s.revealed_at} absent="never revealed" /> },
    {
      key: "used",
      header: "Last used",
      cell: (s) => (
        <TimeText at={s.role === "new" ? r.gate.new_last_seen_at : r.gate.old_last_seen_at} absent="no use recorded" />
      ),
    },
    {
      key: "retired",
      header: "Ended",
      cell: (s) => <TimeText at={s.retired_at} absent="still accepted, as far as we know" />,
    },
  ]
  return (
    <Panel flush title="Secret versions">
      <DataTable
        label="Secret versions of this rotation"
        rows={r.secrets}
        rowKey={(s) => s.id}
        columns={columns}
        empty={<EmptyState title="None yet">The new secret is made in the step Create.</EmptyState>}
      />
    </Panel>
  )
}
