"use client"

import { Autocomplete, Button, Group, Stack, Text, TextInput } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { KindForm } from "../../lib/providers/forms.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { api, apiWithVersion } from "../api.ts"
import { Stale } from "../registry/Stale.tsx"
import { useMay } from "../shell/viewer.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { settingPaths, SettingFields, typed } from "./SettingFields.tsx"

const plainSettings = (provider: ProviderWire): Record<string, string> =>
  Object.fromEntries(
    Object.entries(provider.settings).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [],
    ),
  )

/** Name, environment, settings and credentials. A credential goes in and never comes out. */
export function ProviderSettings({
  provider,
  version,
  form,
  reload,
}: {
  provider: ProviderWire
  version: number | null
  form: KindForm | undefined
  reload: () => void
}) {
  const queries = useQueryClient()
  const writes = useMay("providers:write")
  const [name, setName] = useState(provider.name)
  const [environment, setEnvironment] = useState(provider.environment)
  const [settings, setSettings] = useState<Readonly<Record<string, string>>>(() => plainSettings(provider))
  // The version that the form was filled from: a poll must not lift it, or the second of two people would overwrite the first.
  const [base, setBase] = useState(version)
  const save = useMutation({
    gcTime: 0,
    mutationFn: () =>
      apiWithVersion<ProviderWire>(`/providers/${provider.id}`, {
        method: "PATCH",
        version: base,
        body: { name, environment, settings: typed(settings) },
      }),
    onSuccess: async ({ data: after, version: now }) => {
      said(`${after.name} is saved. Press Test connection to check it.`)
      setBase(now)
      setSettings(plainSettings(after))
      await queries.invalidateQueries({ queryKey: ["/providers"] })
    },
  })
  if (!writes)
    return (
      <Panel>
        <Text size="sm">
          Changing a provider needs the permission <code>providers:write</code>. An administrator can give you a role
          that has it.
        </Text>
      </Panel>
    )
  return (
    <Stack gap="md">
      <Panel title="Settings">
        <form
          onSubmit={(event) => {
            event.preventDefault()
            save.mutate()
          }}
        >
          <Stack gap="sm" maw={560}>
            <TextInput
              label="Name"
              required
              value={name}
              onChange={(e) => setName(e.currentTarget.value)}
              error={fieldError(save.error, "name")}
            />
            <Autocomplete
              label="Environment"
              required
              data={["production", "staging", "test", "development"]}
              value={environment}
              onChange={setEnvironment}
              error={fieldError(save.error, "environment")}
            />
            {form && (
              <SettingFields
                form={form}
                values={settings}
                onChange={setSettings}
                error={save.error}
                sealed={provider.sealed}
              />
            )}
            <Stale error={save.error} reload={reload} />
            <FormErrors error={save.error} fields={["name", "environment", ...settingPaths(form)]} />
            <Group justify="flex-end">
              <Button type="submit" loading={save.isPending}>
                Save
              </Button>
            </Group>
          </Stack>
        </form>
      </Panel>
      <Disconnect provider={provider} version={version} />
    </Stack>
  )
}

function Disconnect({ provider, version }: { provider: ProviderWire; version: number | null }) {
  const router = useRouter()
  const queries = useQueryClient()
  const [asks, setAsks] = useState(false)
  const remove = useMutation({
    mutationFn: () => api(`/providers/${provider.id}`, { method: "DELETE", version }),
    onSuccess: () => {
      said(`${provider.name} is disconnected. What stands on it stays there.`)
      void queries.invalidateQueries({ queryKey: ["/providers"] })
      router.push("/providers")
    },
  })
  return (
    <Panel title="Disconnect">
      <Group justify="space-between">
        <Text size="sm" maw={520}>
          Grantry forgets {provider.name} and its credentials. Nothing is changed there. Refused while clients or
          audiences are wanted or placed on it.
        </Text>
        <Button variant="default" onClick={() => setAsks(true)}>
          Disconnect
        </Button>
      </Group>
      <ConfirmDialog
        opened={asks}
        onClose={() => {
          setAsks(false)
          remove.reset()
        }}
        title={`Disconnect ${provider.name}`}
        verb="Disconnect"
        typed={provider.name}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        The sealed credentials are deleted here. What stands on {provider.name} stays there, unmanaged.
      </ConfirmDialog>
    </Panel>
  )
}
