"use client"

import { Button, Checkbox, Text } from "@mantine/core"
import { IconPlus } from "@tabler/icons-react"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { parseAsString, useQueryState } from "nuqs"
import { useState } from "react"
import type { SourceView } from "../../lib/events/source-view.ts"
import { api } from "../api.ts"
import { everySource } from "../audit/useSources.ts"
import { useMay } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { DataTable } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { said } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { SourceDrawer } from "./SourceDrawer.tsx"
import { SourceForm } from "./SourceForm.tsx"
import { sourceKind, sourceWords } from "./sourceWords.ts"

const number = new Intl.NumberFormat("en")

export function SourcesTab({ publicUrl }: { publicUrl: string }) {
  const queries = useQueryClient()
  const writes = useMay("settings:write")
  const [openId, setOpenId] = useQueryState("source", parseAsString)
  const [adding, setAdding] = useState(false)
  const [doomed, setDoomed] = useState<SourceView | null>(null)
  const [withEvents, setWithEvents] = useState(false)
  const sources = useQuery({
    ...everySource,
    refetchInterval: (q) => (q.state.data?.items.some((s) => s.state === "waiting") ? 2_000 : 10_000),
  })
  const refresh = () => queries.invalidateQueries({ queryKey: ["/sources"] })
  const remove = useMutation({
    mutationFn: (s: SourceView) =>
      api(`/sources/${s.id}${withEvents ? "?events=1" : ""}`, { method: "DELETE", version: s.version }),
    onSuccess: async (_, s) => {
      said(`The source ${s.name} is removed${withEvents ? " with its events" : ""}.`)
      setDoomed(null)
      await setOpenId(null)
      await refresh()
    },
  })
  const open = sources.data?.items.find((s) => s.id === openId)
  const add = writes && (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
      New source
    </Button>
  )
  return (
    <Panel flush title="Event sources" actions={add}>
      <DataTable
        label="Event sources"
        rows={sources.data?.items}
        rowKey={(s) => s.id}
        onOpen={(s) => void setOpenId(s.id)}
        openKey={openId}
        error={sources.error}
        retry={() => void sources.refetch()}
        columns={[
          {
            key: "name",
            header: "Source",
            cell: (s) => (
              <>
                {s.name}{" "}
                <Text span size="xs" c="dimmed">
                  {sourceKind(s.kind)}
                </Text>
              </>
            ),
          },
          {
            key: "state",
            header: "State",
            cell: (s) => {
              const w = sourceWords[s.state]
              return (
                <StatusBadge tone={w.tone} title={w.means}>
                  {w.word}
                </StatusBadge>
              )
            },
          },
          {
            key: "complete",
            header: "Complete until",
            cell: (s) => <TimeText at={s.complete_until} absent="nothing is known yet" short={false} />,
          },
          { key: "last", header: "Last event", cell: (s) => <TimeText at={s.last_event_at} absent="no event yet" /> },
          { key: "stored", header: "Stored", align: "right", cell: (s) => number.format(s.stored) },
          { key: "duplicates", header: "Duplicates", align: "right", cell: (s) => number.format(s.duplicates) },
          { key: "rejected", header: "Rejected", align: "right", cell: (s) => number.format(s.rejected) },
          { key: "gaps", header: "Open gaps", align: "right", cell: (s) => s.gaps.filter((g) => !g.filled).length },
        ]}
        empty={
          <EmptyState title="No event source yet" action={add}>
            Gateways, services and providers send their token events here. Each has its own token and its own watermark:
            until when we can be sure that nothing is missing.
          </EmptyState>
        }
      />
      {adding && (
        <SourceForm
          onClose={() => setAdding(false)}
          onSaved={(s) => {
            setAdding(false)
            void refresh().then(() => setOpenId(s.id))
          }}
        />
      )}
      <SourceDrawer
        source={open ?? null}
        publicUrl={publicUrl}
        onClose={() => void setOpenId(null)}
        onRemove={(s) => {
          setWithEvents(false)
          setDoomed(s)
        }}
      />
      <ConfirmDialog
        opened={doomed !== null}
        onClose={() => {
          setDoomed(null)
          remove.reset()
        }}
        title="Remove source"
        verb="Remove source"
        {...(doomed ? { typed: doomed.name } : {})}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => {
          if (doomed) remove.mutate(doomed)
        }}
      >
        Its tokens end with it.{" "}
        <Checkbox
          mt="xs"
          size="xs"
          label="Remove every event that it ever sent, too"
          checked={withEvents}
          onChange={(e) => setWithEvents(e.currentTarget.checked)}
        />
      </ConfirmDialog>
    </Panel>
  )
}
