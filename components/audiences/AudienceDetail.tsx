"use client"

import { Button, SimpleGrid, Stack, Tabs, Text } from "@mantine/core"
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import Link from "next/link"
import { useRouter } from "next/navigation"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useState } from "react"
import type { WantedOn } from "../../lib/registry/audiences/queries.ts"
import type { AudienceView, GrantView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { Hanging } from "../registry/Hanging.tsx"
import { useMay } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { Copy } from "../ui/Copy.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { Facts } from "../ui/Facts.tsx"
import { said } from "../ui/notify.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { Table } from "../ui/Table.tsx"
import { duration } from "../ui/time.ts"
import { Absent, TimeText } from "../ui/TimeText.tsx"

const Loader = () => null
const GrantTable = dynamic(() => import("../registry/GrantTable.tsx").then((m) => m.GrantTable), { loading: Loader })
const ActivityTab = dynamic(() => import("../clients/ActivityTab.tsx").then((m) => m.ActivityTab), { loading: Loader })
const TrailList = dynamic(() => import("../trail/TrailList.tsx").then((m) => m.TrailList), { loading: Loader })
const EditAudience = dynamic(() => import("./EditAudience.tsx").then((m) => m.EditAudience), { ssr: false })
const GrantDialog = dynamic(() => import("../registry/GrantDialog.tsx").then((m) => m.GrantDialog), { ssr: false })

const tabs = ["summary", "grants", "activity", "history"] as const

export interface AudienceParts {
  readonly audience: AudienceView
  readonly grants: readonly GrantView[]
  readonly wanted_on: readonly WantedOn[]
}

export function AudienceDetail({ audience, grants, wanted_on }: AudienceParts) {
  const router = useRouter()
  const queries = useQueryClient()
  const writes = useMay("registry:write")
  const [tab, setTab] = useQueryState(
    "tab",
    parseAsStringLiteral(tabs).withDefault("summary").withOptions({ history: "push" }),
  )
  const [dialog, setDialog] = useState<"edit" | "delete" | "grant" | null>(null)
  const close = () => setDialog(null)
  const remove = useMutation({
    mutationFn: () => api(`/audiences/${audience.id}`, { method: "DELETE", version: audience.version }),
    onSuccess: async () => {
      said(`${audience.identifier} is deleted from the registry. The next plan removes it at its providers.`)
      await queries.invalidateQueries({ queryKey: ["/audiences"] })
      router.push("/audiences")
    },
  })
  const grant = writes && (
    <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setDialog("grant")}>
      New grant
    </Button>
  )
  return (
    <>
      <PageHeader
        back={{ href: "/audiences", label: "Audiences" }}
        title={
          <>
            {audience.identifier} <Copy value={audience.identifier} label="identifier" />
          </>
        }
        description={audience.name}
        actions={
          writes && (
            <>
              <Button
                component={Link}
                variant="default"
                href={`/clients/new?audience=${audience.id}`}
                leftSection={<IconPlus size={15} aria-hidden />}
              >
                Onboard a client
              </Button>
              <Button
                variant="default"
                leftSection={<IconPencil size={15} aria-hidden />}
                onClick={() => setDialog("edit")}
              >
                Edit
              </Button>
              <Button
                variant="default"
                leftSection={<IconTrash size={15} aria-hidden />}
                onClick={() => setDialog("delete")}
              >
                Delete
              </Button>
            </>
          )
        }
      />
      <Tabs value={tab} onChange={(t) => void setTab(tabs.find((x) => x === t) ?? null)} keepMounted={false}>
        <Tabs.List mb="md" aria-label="Parts of this audience">
          <Tabs.Tab value="summary">Summary</Tabs.Tab>
          <Tabs.Tab value="grants">Who may call it ({grants.length})</Tabs.Tab>
          <Tabs.Tab value="activity">Who called it</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="summary">
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Panel title="Scopes" flush>
              {audience.scopes.length === 0 ? (
                <EmptyState title="No scope yet">
                  Without a scope nothing can be granted on it. Edit the audience to add one.
                </EmptyState>
              ) : (
                <ScopeTable audience={audience} grants={grants} />
              )}
            </Panel>
            <Stack gap="md">
              <Panel title="Tokens for it">
                <Facts
                  items={[
                    ["Life", `${duration(audience.token_ttl_seconds * 1_000)} (${audience.token_ttl_seconds} s)`],
                    [
                      "Format",
                      audience.token_format === "jwt"
                        ? "JWT (RFC 9068)"
                        : "Opaque: APIs ask the provider by introspection",
                    ],
                    ["Signing algorithm", <code key="a">{audience.signing_alg}</code>],
                    ["Identifier", audience.legacy ? "A plain name (legacy)" : "An absolute URI"],
                    ["Registered", <TimeText key="c" at={audience.created_at} />],
                    ["Changed", <TimeText key="u" at={audience.updated_at} />],
                  ]}
                />
              </Panel>
              <Panel title="Providers">
                {wanted_on.length === 0 ? (
                  <Text size="sm" c="dimmed">
                    On none yet. It is made on a provider once a client with a grant on it is wanted there, or when you
                    choose the provider under Edit.
                  </Text>
                ) : (
                  <Facts
                    items={wanted_on.map((w) => [
                      w.provider,
                      <span key={w.provider_id}>
                        {w.placed ? (
                          <StatusBadge tone="pass">is there</StatusBadge>
                        ) : (
                          <StatusBadge tone="warn">waiting for an apply</StatusBadge>
                        )}{" "}
                        <Text span size="xs" c="dimmed">
                          {w.because === "asked" ? "chosen" : "a client with a grant is wanted there"}
                        </Text>
                      </span>,
                    ])}
                  />
                )}
              </Panel>
            </Stack>
          </SimpleGrid>
        </Tabs.Panel>
        <Tabs.Panel value="grants">
          <Panel flush title="Who may call it" actions={grants.length > 0 && grant}>
            <GrantTable
              rows={grants}
              hide="audience"
              empty={
                <EmptyState title="Nobody may call it yet" action={grant}>
                  A grant says which client may ask for which scopes, and why.
                </EmptyState>
              }
            />
          </Panel>
        </Tabs.Panel>
        <Tabs.Panel value="activity">
          <ActivityTab audience={audience.identifier} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <TrailList filter={{ target_kind: "audience", target_id: audience.id }} />
        </Tabs.Panel>
      </Tabs>
      {dialog === "edit" && <EditAudience audience={audience} onClose={close} />}
      {dialog === "grant" && <GrantDialog audience={audience} onClose={close} />}
      <ConfirmDialog
        opened={dialog === "delete"}
        onClose={() => {
          close()
          remove.reset()
        }}
        title={`Delete ${audience.identifier}`}
        verb="Delete audience"
        typed={audience.identifier}
        busy={remove.isPending || remove.isSuccess}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        It leaves the registry with its scopes; the next plan removes what Grantry created at the providers. Grants on
        it must go first.
        <Hanging error={remove.error} />
      </ConfirmDialog>
    </>
  )
}

function ScopeTable({ audience, grants }: Pick<AudienceParts, "audience" | "grants">) {
  return (
    <Table aria-label="Scopes">
      <thead>
        <tr>
          <th scope="col">Scope</th>
          <th scope="col">What it allows</th>
          <th scope="col" data-align="right">
            Granted to
          </th>
        </tr>
      </thead>
      <tbody>
        {audience.scopes.map((s) => (
          <tr key={s.name}>
            <td>
              <code>{s.name}</code>
            </td>
            <td>{s.description || <Absent why="no description" />}</td>
            <td data-align="right" className="num">
              {grants.filter((g) => g.scopes.includes(s.name)).length}
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
