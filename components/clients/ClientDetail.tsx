"use client"

import { Button, Tabs } from "@mantine/core"
import { IconBan, IconPencil, IconPlayerPlay, IconTrash } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { useRouter } from "next/navigation"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useState } from "react"
import type { PlacementView } from "../../lib/registry/clients/queries.ts"
import type { ClientView, GrantView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { Copy } from "../ui/Copy.tsx"
import { said, saidError } from "../ui/notify.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { ClientState } from "./ClientList.tsx"
import { SummaryTab } from "./SummaryTab.tsx"

const Loader = () => null
const GrantsTab = dynamic(() => import("./GrantsTab.tsx").then((m) => m.GrantsTab), { loading: Loader })
const SecretsTab = dynamic(() => import("./SecretsTab.tsx").then((m) => m.SecretsTab), { loading: Loader })
const ActivityTab = dynamic(() => import("./ActivityTab.tsx").then((m) => m.ActivityTab), { loading: Loader })
const PlacementsTab = dynamic(() => import("./PlacementsTab.tsx").then((m) => m.PlacementsTab), { loading: Loader })
const IntegrateTab = dynamic(() => import("./IntegrateTab.tsx").then((m) => m.IntegrateTab), { loading: Loader })
const TrailList = dynamic(() => import("../trail/TrailList.tsx").then((m) => m.TrailList), { loading: Loader })
const EditClient = dynamic(() => import("./EditClient.tsx").then((m) => m.EditClient), { ssr: false })
const StopClient = dynamic(() => import("./StopClient.tsx").then((m) => m.StopClient), { ssr: false })
const DeleteClient = dynamic(() => import("./DeleteClient.tsx").then((m) => m.DeleteClient), { ssr: false })

const tabs = ["summary", "grants", "secrets", "activity", "providers", "integrate", "history"] as const

export interface ClientParts {
  readonly client: ClientView
  readonly grants: readonly GrantView[]
  readonly placements: readonly PlacementView[]
}

export function ClientDetail({ client, grants, placements, publicUrl }: ClientParts & { publicUrl: string }) {
  const router = useRouter()
  const [tab, setTab] = useQueryState(
    "tab",
    parseAsStringLiteral(tabs).withDefault("summary").withOptions({ history: "push" }),
  )
  const [dialog, setDialog] = useState<"edit" | "stop" | "delete" | null>(null)
  const writes = useMay("registry:write")
  const stops = useMay("plans:apply")
  const enable = useMutation({
    mutationFn: () =>
      api<ClientView>(`/clients/${client.id}`, { method: "PATCH", body: { enabled: true }, version: client.version }),
    onSuccess: () => {
      said(`${client.name} is enabled again in the registry. Apply a plan to let it in at its providers.`)
      router.refresh()
    },
    onError: saidError,
  })
  const close = () => setDialog(null)
  const waiting = placements.some((p) => p.wanted !== p.placed)

  return (
    <>
      <PageHeader
        back={{ href: "/clients", label: "Clients" }}
        title={
          <>
            {client.name} <Copy value={client.name} label="name" />
          </>
        }
        badge={<ClientState client={client} waiting={waiting} />}
        description={client.display_name === client.name ? client.description : client.display_name}
        actions={
          writes && (
            <>
              <Button
                variant="default"
                leftSection={<IconPencil size={15} aria-hidden />}
                onClick={() => setDialog("edit")}
              >
                Edit
              </Button>
              {client.enabled ? (
                stops && (
                  <Button
                    variant="default"
                    leftSection={<IconBan size={15} aria-hidden />}
                    onClick={() => setDialog("stop")}
                  >
                    Disable at once
                  </Button>
                )
              ) : (
                <Button
                  variant="default"
                  leftSection={<IconPlayerPlay size={15} aria-hidden />}
                  loading={enable.isPending}
                  onClick={() => enable.mutate()}
                >
                  Enable
                </Button>
              )}
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
        <Tabs.List mb="md" aria-label="Parts of this client">
          <Tabs.Tab value="summary">Summary</Tabs.Tab>
          <Tabs.Tab value="grants">Grants ({grants.length})</Tabs.Tab>
          <Tabs.Tab value="secrets">Secrets</Tabs.Tab>
          <Tabs.Tab value="activity">Activity</Tabs.Tab>
          <Tabs.Tab value="providers">Providers</Tabs.Tab>
          <Tabs.Tab value="integrate">Integrate</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="summary">
          <SummaryTab client={client} grants={grants} placements={placements} />
        </Tabs.Panel>
        <Tabs.Panel value="grants">
          <GrantsTab client={client} grants={grants} />
        </Tabs.Panel>
        <Tabs.Panel value="secrets">
          <SecretsTab client={client} />
        </Tabs.Panel>
        <Tabs.Panel value="activity">
          <ActivityTab client={client.name} />
        </Tabs.Panel>
        <Tabs.Panel value="providers">
          <PlacementsTab placements={placements} />
        </Tabs.Panel>
        <Tabs.Panel value="integrate">
          <IntegrateTab client={client} grants={grants} publicUrl={publicUrl} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <TrailList filter={{ target_kind: "client", target_id: client.id }} />
        </Tabs.Panel>
      </Tabs>
      {dialog === "edit" && <EditClient client={client} onClose={close} />}
      {dialog === "stop" && <StopClient client={client} onClose={close} />}
      {dialog === "delete" && <DeleteClient client={client} onClose={close} />}
    </>
  )
}
