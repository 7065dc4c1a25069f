"use client"

import { Button, Group, Text, Textarea } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useState } from "react"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { PlacementWire, Unmanaged } from "../../lib/sync/placements.ts"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { Choice } from "../ui/Choice.tsx"
import { Clipped } from "../ui/Clipped.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { DataTable, type Column } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { said, saidError } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { usePages } from "../ui/usePages.ts"

const kinds = ["client", "audience", "grant"] as const
const nameOf = (p: PlacementWire): string => (p.kind === "grant" ? p.key.replace(" ", " on ") : p.key)

/** What Grantry manages there, and the verb that is not deleting: let it go, and leave it as it is. */
export function Managed({ provider }: { provider: ProviderWire }) {
  const [kind, setKind] = useQueryState("managed", parseAsStringLiteral(kinds))
  const list = usePages<PlacementWire>("/placements", { provider: provider.id, kind })
  const writes = useMay("providers:write")
  const queries = useQueryClient()
  const [going, setGoing] = useState<PlacementWire | null>(null)
  const again = () => queries.invalidateQueries({ queryKey: ["/placements"] })
  const protect = useMutation({
    mutationFn: (p: PlacementWire) =>
      api<PlacementWire>(`/placements/${p.id}`, { method: "PATCH", body: { protected: !p.protected } }),
    onSuccess: (p) => {
      said(p.protected ? `${nameOf(p)}: no plan deletes it.` : `${nameOf(p)} is no longer protected.`)
      void again()
    },
    onError: saidError,
  })
  const acts: Column<PlacementWire> = {
    key: "acts",
    header: "Actions",
    align: "right",
    cell: (p) => (
      <Group gap={6} justify="flex-end" wrap="nowrap">
        <Button
          size="compact-xs"
          variant="default"
          loading={protect.isPending && protect.variables.id === p.id}
          onClick={() => protect.mutate(p)}
          aria-label={`${p.protected ? "Protect no longer" : "Protect"}: ${nameOf(p)}`}
        >
          {p.protected ? "Protect no longer" : "Protect"}
        </Button>
        {p.kind !== "grant" && (
          <Button size="compact-xs" variant="default" onClick={() => setGoing(p)} aria-label={`Unmanage: ${nameOf(p)}`}>
            Unmanage
          </Button>
        )}
      </Group>
    ),
  }
  return (
    <Panel
      flush
      title={`Managed on ${provider.name}`}
      actions={
        <Choice
          aria-label="Kind"
          any="Any kind"
          size="xs"
          w={130}
          data={[...kinds]}
          value={kind}
          onChange={(k) => void setKind(kinds.find((x) => x === k) ?? null)}
        />
      }
    >
      <DataTable
        label="Managed objects"
        rows={list.rows}
        rowKey={(p) => p.id}
        error={list.error}
        retry={list.retry}
        more={list.more}
        columns={writes ? [...columns, acts] : columns}
        empty={
          <EmptyState title="Nothing here yet">
            What a plan makes on {provider.name}, and what is adopted from it, stands here.
          </EmptyState>
        }
      />
      {going && <Unmanage placement={going} provider={provider} onClose={() => setGoing(null)} onDone={again} />}
    </Panel>
  )
}

const columns: readonly Column<PlacementWire>[] = [
  {
    key: "name",
    header: "Object",
    cell: (p) => (
      <>
        <Text size="xs" c="dimmed">
          {p.kind}
        </Text>
        <Clipped>{nameOf(p)}</Clipped>
      </>
    ),
  },
  { key: "remote", header: "Id there", cell: (p) => <Clipped>{p.remote_id}</Clipped> },
  {
    key: "origin",
    header: "Came by",
    cell: (p) => (
      <Group gap={6} wrap="nowrap">
        <StatusBadge tone="quiet" title={p.origin === "adopted" ? "It was there before; no plan deletes it" : ""}>
          {p.origin}
        </StatusBadge>
        {p.protected && (
          <StatusBadge tone="info" title="No plan deletes it">
            protected
          </StatusBadge>
        )}
      </Group>
    ),
  },
  { key: "applied", header: "Last applied", cell: (p) => <TimeText at={p.applied_at} /> },
]

function Unmanage({
  placement,
  provider,
  onClose,
  onDone,
}: {
  placement: PlacementWire
  provider: ProviderWire
  onClose: () => void
  onDone: () => void
}) {
  const [reason, setReason] = useState("")
  const name = nameOf(placement)
  const go = useMutation({
    mutationFn: () =>
      api<Unmanaged>(`/placements/${placement.id}/unmanage`, {
        method: "POST",
        body: reason.trim() ? { reason: reason.trim() } : {},
      }),
    onSuccess: ({ left, secrets }) => {
      said(
        `${name} is no longer managed. ${left.length} ${left.length === 1 ? "object stays" : "objects stay"} on ${provider.name}${secrets.length > 0 ? `, and ${secrets.length} ${secrets.length === 1 ? "secret goes" : "secrets go"} on working there` : ""}.`,
      )
      onDone()
      onClose()
    },
  })
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Unmanage ${name}`}
      verb="Unmanage"
      typed={placement.key}
      busy={go.isPending}
      error={go.error}
      onConfirm={() => go.mutate()}
    >
      <p>
        Grantry forgets the {placement.kind} on {provider.name} and stops wanting it there. It stays there as it is
        {placement.kind === "client" && ", with its grants, and its secrets go on working"}. To remove it there, delete
        it in the registry instead, and apply the plan.
      </p>
      <Textarea label="Reason" autosize minRows={2} value={reason} onChange={(e) => setReason(e.currentTarget.value)} />
    </ConfirmDialog>
  )
}
