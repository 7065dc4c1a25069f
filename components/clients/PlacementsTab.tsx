"use client"

import { Text } from "@mantine/core"
import type { PlacementView } from "../../lib/registry/clients/queries.ts"
import { KindBeside } from "../registry/Place.tsx"
import { DataTable } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Absent, TimeText } from "../ui/TimeText.tsx"
import { PlacementState } from "./SummaryTab.tsx"

export function PlacementsTab({ placements }: { placements: readonly PlacementView[] }) {
  return (
    <Panel flush>
      <DataTable
        label="Providers of this client"
        rows={placements}
        rowKey={(p) => p.provider_id}
        columns={[
          {
            key: "provider",
            header: "Provider",
            cell: (p) => (
              <>
                {p.provider}{" "}
                <Text span size="xs" c="dimmed">
                  <KindBeside of={{ name: p.provider, kind: p.kind }} />
                </Text>
              </>
            ),
          },
          { key: "environment", header: "Environment", cell: (p) => p.environment },
          { key: "state", header: "State", cell: (p) => <PlacementState placement={p} /> },
          {
            key: "remote",
            header: "Id there",
            cell: (p) => (p.remote_id ? <code>{p.remote_id}</code> : <Absent why="not created yet" />),
          },
          { key: "origin", header: "Origin", cell: (p) => p.origin ?? <Absent why="not created yet" /> },
          {
            key: "applied",
            header: "Last applied",
            cell: (p) => <TimeText at={p.applied_at} absent="never applied" />,
          },
        ]}
        empty={
          <EmptyState title="On no provider">
            Edit the client and choose the providers it is wanted on. A plan then creates it there.
          </EmptyState>
        }
      />
    </Panel>
  )
}
