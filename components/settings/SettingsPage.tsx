"use client"

import { Tabs } from "@mantine/core"
import dynamic from "next/dynamic"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import type { Permission } from "../../lib/auth/permissions.ts"
import { useMay } from "../shell/viewer.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { KeysTab, type KeyFacts } from "./KeysTab.tsx"

const UsersTab = dynamic(() => import("./UsersTab.tsx").then((m) => m.UsersTab))
const TokensTab = dynamic(() => import("./TokensTab.tsx").then((m) => m.TokensTab))
const SourcesTab = dynamic(() => import("./SourcesTab.tsx").then((m) => m.SourcesTab))
const RetentionTab = dynamic(() => import("./RetentionTab.tsx").then((m) => m.RetentionTab))

const tabs = ["users", "tokens", "sources", "retention", "keys"] as const

export interface PermissionWord {
  readonly name: Permission
  readonly description: string
}

export function SettingsPage({
  permissions,
  publicUrl,
  keys,
}: {
  permissions: readonly PermissionWord[]
  publicUrl: string
  keys: KeyFacts
}) {
  const [tab, setTab] = useQueryState(
    "tab",
    parseAsStringLiteral(tabs).withDefault("users").withOptions({ history: "push" }),
  )
  const events = useMay("events:read")
  return (
    <>
      <PageHeader title="Settings" />
      <Tabs value={tab} onChange={(t) => void setTab(tabs.find((x) => x === t) ?? null)} keepMounted={false}>
        <Tabs.List mb="md" aria-label="Settings">
          <Tabs.Tab value="users">Users and roles</Tabs.Tab>
          <Tabs.Tab value="tokens">API tokens</Tabs.Tab>
          {events && <Tabs.Tab value="sources">Event sources</Tabs.Tab>}
          <Tabs.Tab value="retention">Retention and disk</Tabs.Tab>
          <Tabs.Tab value="keys">Keys</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users">
          <UsersTab />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <TokensTab permissions={permissions} />
        </Tabs.Panel>
        {events && (
          <Tabs.Panel value="sources">
            <SourcesTab publicUrl={publicUrl} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="retention">
          <RetentionTab />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <KeysTab keys={keys} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
