"use client"

import { Button, Skeleton, Stack, Tabs } from "@mantine/core"
import dynamic from "next/dynamic"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useState } from "react"
import type { KindSheet } from "../../lib/connectors/sheet.ts"
import { isNotFound } from "../api.ts"
import { useMakePlan } from "../plans/usePlan.ts"
import { Place } from "../registry/Place.tsx"
import { useMay } from "../shell/viewer.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Missing } from "../ui/Missing.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { Overview } from "./Overview.tsx"
import { ProviderStatus } from "./ProviderStatus.tsx"
import { readsNow, useDrift, useProvider, useReadNow } from "./useProvider.ts"

const Loader = () => <Skeleton height={240} radius={8} />
const Capabilities = dynamic(() => import("./Capabilities.tsx").then((m) => m.Capabilities), { loading: Loader })
const Drift = dynamic(() => import("./Drift.tsx").then((m) => m.Drift), { loading: Loader })
const ImportWizard = dynamic(() => import("./ImportWizard.tsx").then((m) => m.ImportWizard), { loading: Loader })
const Managed = dynamic(() => import("./Managed.tsx").then((m) => m.Managed), { loading: Loader })
const ProviderSettings = dynamic(() => import("./ProviderSettings.tsx").then((m) => m.ProviderSettings), {
  loading: Loader,
})

const tabs = ["overview", "capabilities", "managed", "drift", "import", "settings"] as const
const back = { href: "/providers", label: "Providers" }

export function ProviderView({ id, sheets }: { id: string; sheets: readonly KindSheet[] }) {
  const [tab, setTab] = useQueryState(
    "tab",
    parseAsStringLiteral(tabs).withDefault("overview").withOptions({ history: "push" }),
  )
  const query = useProvider(id)
  const drift = useDrift(id)
  const read = useReadNow()
  const make = useMakePlan()
  const plans = useMay("plans:write")
  const [round, setRound] = useState(0)
  if (!query.data) {
    if (isNotFound(query.error)) return <Missing />
    return query.error ? (
      <>
        <PageHeader title="Provider" back={back} />
        <ErrorPanel error={query.error} retry={() => void query.refetch()} />
      </>
    ) : (
      <Stack aria-busy="true" aria-label="Loading the provider">
        <PageHeader title="Provider" back={back} />
        <Skeleton height={36} width={420} />
        <Skeleton height={240} radius={8} />
      </Stack>
    )
  }
  const { data: provider, version } = query.data
  const drifts = drift.data?.items.length ?? 0
  return (
    <>
      <PageHeader
        title={provider.name}
        back={back}
        badge={<ProviderStatus provider={provider} />}
        description={<Place of={provider} />}
        actions={
          <>
            {plans && (
              <Button variant="default" loading={readsNow(provider) || read.isPending} onClick={() => read.mutate(id)}>
                Read now
              </Button>
            )}
            {plans && (
              <Button loading={make.isPending} onClick={() => make.mutate({ provider_ids: [id] })}>
                Plan
              </Button>
            )}
          </>
        }
      />
      <Stack gap="md">
        {make.error && <ErrorPanel error={make.error} title="No plan was made" />}
        {query.error && (
          <ErrorPanel error={query.error} title="This page may be out of date" retry={() => void query.refetch()} />
        )}
        <Tabs value={tab} onChange={(t) => void setTab(tabs.find((x) => x === t) ?? null)} keepMounted={false}>
          <Tabs.List mb="md" aria-label="Parts of this provider">
            <Tabs.Tab value="overview">Overview</Tabs.Tab>
            <Tabs.Tab value="capabilities">Capabilities</Tabs.Tab>
            <Tabs.Tab value="managed">Managed</Tabs.Tab>
            <Tabs.Tab value="drift">Drift{drifts > 0 ? ` (${drifts})` : ""}</Tabs.Tab>
            <Tabs.Tab value="import">Import</Tabs.Tab>
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="overview">
            <Overview provider={provider} />
          </Tabs.Panel>
          <Tabs.Panel value="capabilities">
            <Capabilities id={id} />
          </Tabs.Panel>
          <Tabs.Panel value="managed">
            <Managed provider={provider} />
          </Tabs.Panel>
          <Tabs.Panel value="drift">
            <Drift provider={provider} />
          </Tabs.Panel>
          <Tabs.Panel value="import">
            <ImportWizard provider={provider} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <ProviderSettings
              key={round}
              provider={provider}
              version={version}
              sheet={sheets.find((s) => s.kind === provider.kind)}
              reload={() => void query.refetch().then(() => setRound(round + 1))}
            />
          </Tabs.Panel>
        </Tabs>
      </Stack>
    </>
  )
}
