"use client"

import { Button, Group, Stack, Text } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { KindSheet } from "../../lib/connectors/sheet.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { apiWithVersion } from "../api.ts"
import { Stale } from "../registry/Stale.tsx"
import { useMay } from "../shell/viewer.tsx"
import { Choice } from "../ui/Choice.tsx"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { Disconnect } from "./Disconnect.tsx"
import { NameFields } from "./NameFields.tsx"
import { settingPaths, SettingFields, typed } from "./SettingFields.tsx"
import { whatStays } from "./stays.ts"
import { TrialResult, TryButton, useTrial } from "./TrySettings.tsx"

const plainSettings = (provider: ProviderWire): Record<string, string> =>
  Object.fromEntries(
    Object.entries(provider.settings).flatMap(([name, value]) =>
      typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [],
    ),
  )

const paces = [
  { value: "", label: "Every 10 minutes" },
  { value: "60", label: "Every minute" },
  { value: "300", label: "Every 5 minutes" },
  { value: "3600", label: "Every hour" },
  { value: "86400", label: "Every day" },
]

/** Name, environment, settings and credentials. A credential goes in and never comes out. */
export function ProviderSettings({
  provider,
  version,
  sheet,
  reload,
}: {
  provider: ProviderWire
  version: number | null
  sheet: KindSheet | undefined
  reload: () => void
}) {
  const queries = useQueryClient()
  const writes = useMay("providers:write")
  const [name, setName] = useState(provider.name)
  const [environment, setEnvironment] = useState(provider.environment)
  const [settings, setSettings] = useState<Readonly<Record<string, string>>>(() => plainSettings(provider))
  const [every, setEvery] = useState(String(provider.read_every_seconds ?? ""))
  // The version that the form was filled from: a poll must not lift it, or the second of two people would overwrite the first.
  const [base, setBase] = useState(version)
  const trial = useTrial()
  const now = { kind: provider.kind, settings: typed(settings), provider_id: provider.id }
  const save = useMutation({
    gcTime: 0,
    mutationFn: () =>
      apiWithVersion<ProviderWire>(`/providers/${provider.id}`, {
        method: "PATCH",
        version: base,
        body: {
          name,
          environment,
          settings: now.settings,
          read_every_seconds: every === "" ? null : Number(every),
        },
      }),
    onSuccess: async ({ data: after, version: saved }) => {
      said(`${after.name} is saved. A read has not been asked for: press Read now to see it with the new settings.`)
      setBase(saved)
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
            trial.reset()
            save.mutate()
          }}
        >
          <Stack gap="sm" maw={560}>
            <NameFields
              name={name}
              onName={setName}
              environment={environment}
              onEnvironment={setEnvironment}
              error={save.error}
            />
            {sheet && (
              <SettingFields
                fields={sheet.fields}
                values={settings}
                onChange={setSettings}
                error={save.error ?? trial.error}
                sealed={provider.sealed}
              />
            )}
            <Choice
              label="Read without being asked"
              description="Each read lists everything there, within what the provider allows, and finds drift."
              data={paces}
              value={every}
              onChange={(seconds) => setEvery(seconds ?? "")}
              error={fieldError(save.error, "read_every_seconds")}
            />
            <Stale error={save.error} reload={reload} />
            <FormErrors
              error={save.error}
              fields={["name", "environment", "read_every_seconds", ...settingPaths(sheet)]}
            />
            <TrialResult trial={trial} now={now} fields={settingPaths(sheet)} />
            <Text size="xs" c="dimmed">
              {whatStays(provider, now.settings)}
            </Text>
            <Group justify="flex-end" gap="xs">
              <TryButton trial={trial} input={now} />
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
