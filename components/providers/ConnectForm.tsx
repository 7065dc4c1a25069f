"use client"

import { Button, Group, Stack, Text } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { KindSheet } from "../../lib/connectors/sheet.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { api } from "../api.ts"
import { FormErrors } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { NameFields } from "./NameFields.tsx"
import { settingPaths, SettingFields, typed } from "./SettingFields.tsx"
import { TrialResult, TryButton, useTrial } from "./TrySettings.tsx"

/** Name, environment and the settings of one kind; tried before they are saved. */
export function ConnectForm({ sheet }: { sheet: KindSheet }) {
  const router = useRouter()
  const queries = useQueryClient()
  const [name, setName] = useState("")
  const [environment, setEnvironment] = useState("production")
  const [settings, setSettings] = useState<Readonly<Record<string, string>>>({})
  const trial = useTrial()
  const now = { kind: sheet.kind, settings: typed(settings) }
  const connect = useMutation({
    gcTime: 0,
    mutationFn: () =>
      api<ProviderWire>("/providers", {
        method: "POST",
        body: { ...now, name, environment },
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: async (provider) => {
      said(`${provider.name} is connected. A first read has been asked for.`)
      await queries.invalidateQueries({ queryKey: ["/providers"] })
      router.push(`/providers/${provider.id}`)
    },
  })
  const paths = settingPaths(sheet)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        trial.reset()
        connect.mutate()
      }}
    >
      <Stack gap="sm" maw={560}>
        <NameFields
          name={name}
          onName={setName}
          environment={environment}
          onEnvironment={setEnvironment}
          error={connect.error}
        />
        <SettingFields
          fields={sheet.fields}
          values={settings}
          onChange={setSettings}
          error={connect.error ?? trial.error}
        />
        <FormErrors error={connect.error} fields={["name", "environment", ...paths]} />
        <TrialResult trial={trial} now={now} fields={paths} />
        <Text size="xs" c="dimmed">
          The test calls the provider with these settings and names what is missing. It stores nothing and writes
          nothing there. Connecting with a check that failed is possible: it can be mended later.
        </Text>
        <Group justify="flex-end" gap="xs">
          <TryButton trial={trial} input={now} />
          <Button type="submit" loading={connect.isPending}>
            Connect
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
