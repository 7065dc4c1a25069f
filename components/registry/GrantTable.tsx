"use client"

import { ActionIcon, Anchor, Code, Group, Text } from "@mantine/core"
import { IconPencil, IconTrash } from "@tabler/icons-react"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import Link from "next/link"
import { useRouter } from "next/navigation"
import { useState, type ReactNode } from "react"
import type { GrantView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { DataTable, type Column } from "../ui/DataTable.tsx"
import { said } from "../ui/notify.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { Tip } from "../ui/Tip.tsx"

const GrantDialog = dynamic(() => import("./GrantDialog.tsx").then((m) => m.GrantDialog), { ssr: false })

export const Scopes = ({ names }: { names: readonly string[] }) => (
  <Group gap={4}>
    {names.map((n) => (
      <Code key={n} fz={12}>
        {n}
      </Code>
    ))}
  </Group>
)

interface Props {
  readonly rows: readonly GrantView[] | undefined
  readonly hide?: "client" | "audience"
  readonly extra?: readonly Column<GrantView>[]
  readonly empty: ReactNode
  readonly sort?: string
  readonly onSort?: (sort: string) => void
  readonly error?: unknown
  readonly retry?: () => void
  readonly more?: { readonly has: boolean; readonly load: () => void; readonly loading: boolean }
}

/** Grants as rows: who may ask for what, why, until when; with change and revoke for those who may. */
export function GrantTable({ rows, hide, extra = [], empty, ...rest }: Props) {
  const router = useRouter()
  const queries = useQueryClient()
  const writes = useMay("registry:write")
  const [edited, setEdited] = useState<GrantView | null>(null)
  const [doomed, setDoomed] = useState<GrantView | null>(null)
  const revoke = useMutation({
    mutationFn: (g: GrantView) => api(`/grants/${g.id}`, { method: "DELETE", version: g.version }),
    onSuccess: async (_, g) => {
      said(
        `The grant of ${g.client} on ${g.audience} is gone from the registry. Apply a plan to take it away at the providers.`,
      )
      setDoomed(null)
      await queries.invalidateQueries({ queryKey: ["/grants"] })
      router.refresh()
    },
  })
  const all: readonly (Column<GrantView> | false)[] = [
    hide !== "client" && {
      key: "client",
      header: "Client",
      sort: "client",
      cell: (g) => (
        <Anchor component={Link} href={`/clients/${g.client_id}`} fz="inherit">
          {g.client}
        </Anchor>
      ),
    },
    hide !== "audience" && {
      key: "audience",
      header: "Audience",
      sort: "audience",
      cell: (g) => (
        <Anchor component={Link} href={`/audiences/${g.audience_id}`} fz="inherit" title={g.audience_name}>
          {g.audience}
        </Anchor>
      ),
    },
    { key: "scopes", header: "Scopes", cell: (g) => <Scopes names={g.scopes} /> },
    {
      key: "reason",
      header: "Reason",
      cell: (g) => (
        <Text fz="inherit" lineClamp={2} title={g.reason}>
          {g.reason}
        </Text>
      ),
    },
    {
      key: "created_at",
      header: "Granted",
      sort: "created_at",
      cell: (g) => <TimeText at={g.created_at} withRelative={false} />,
    },
    ...extra,
    {
      key: "state",
      header: "State",
      sort: "expires_at",
      cell: (g) =>
        g.state === "expired" ? (
          <StatusBadge tone="warn" title={g.expires_at ?? undefined}>
            past its end
          </StatusBadge>
        ) : g.expires_at ? (
          <span>
            ends <TimeText at={g.expires_at} />
          </span>
        ) : (
          <StatusBadge tone="quiet">no end</StatusBadge>
        ),
    },
    writes && {
      key: "acts",
      header: "Actions",
      width: 76,
      align: "right",
      cell: (g) => (
        <Group gap={2} justify="flex-end" wrap="nowrap">
          <Tip label="Change">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label={`Change the grant of ${g.client} on ${g.audience}`}
              onClick={() => setEdited(g)}
            >
              <IconPencil size={15} aria-hidden />
            </ActionIcon>
          </Tip>
          <Tip label="Revoke">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={26}
              aria-label={`Revoke the grant of ${g.client} on ${g.audience}`}
              onClick={() => setDoomed(g)}
            >
              <IconTrash size={15} aria-hidden />
            </ActionIcon>
          </Tip>
        </Group>
      ),
    },
  ]
  const columns = all.filter((c) => c !== false)
  return (
    <>
      <DataTable label="Grants" columns={columns} rows={rows} rowKey={(g) => g.id} empty={empty} {...rest} />
      {edited && <GrantDialog grant={edited} onClose={() => setEdited(null)} />}
      <ConfirmDialog
        opened={doomed !== null}
        onClose={() => {
          setDoomed(null)
          revoke.reset()
        }}
        title="Revoke grant"
        verb="Revoke grant"
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => {
          if (doomed) revoke.mutate(doomed)
        }}
      >
        {doomed && (
          <>
            <code>{doomed.client}</code> will no longer be granted <code>{doomed.scopes.join(" ")}</code> on{" "}
            <code>{doomed.audience}</code>. Tokens already issued stay valid until they expire; the providers follow at
            the next apply.
          </>
        )}
      </ConfirmDialog>
    </>
  )
}
