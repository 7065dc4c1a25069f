"use client"

import { Autocomplete, Select, Text, TextInput } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { KindForm } from "../../lib/providers/forms.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { api } from "../api.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"
import { settingPaths, SettingFields, typed } from "./SettingFields.tsx"

export function ConnectProvider({ kinds, onClose }: { kinds: readonly KindForm[]; onClose: () => void }) {
  const router = useRouter()
  const queries = useQueryClient()
  const [kind, setKind] = useState(kinds[0]?.kind ?? "")
  const [name, setName] = useState("")
  const [environment, setEnvironment] = useState("production")
  const [settings, setSettings] = useState<Readonly<Record<string, string>>>({})
  const form = kinds.find((k) => k.kind === kind)
  const connect = useMutation({
    gcTime: 0,
    mutationFn: () =>
      api<ProviderWire>("/providers", {
        method: "POST",
        body: { kind, name, environment, settings: typed(settings) },
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: async (provider) => {
      said(`${provider.name} is connected. A first read has been asked for.`)
      await queries.invalidateQueries({ queryKey: ["/providers"] })
      router.push(`/providers/${provider.id}`)
    },
  })
  return (
    <FormDialog
      title="Connect provider"
      size="lg"
      verb="Connect"
      busy={connect.isPending}
      error={connect.error}
      fields={["kind", "name", "environment", ...settingPaths(form)]}
      onSubmit={() => connect.mutate()}
      onClose={onClose}
    >
      <Text size="sm">Connecting writes nothing at the provider. It is read, and what it holds can be imported.</Text>
      <Select
        label="Kind"
        allowDeselect={false}
        data={kinds.map((k) => ({ value: k.kind, label: k.title }))}
        value={kind}
        onChange={(k) => {
          setKind(k ?? "")
          setSettings({})
        }}
        error={fieldError(connect.error, "kind")}
      />
      <TextInput
        label="Name"
        required
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={fieldError(connect.error, "name")}
        data-autofocus
      />
      <Autocomplete
        label="Environment"
        required
        data={["production", "staging", "test", "development"]}
        value={environment}
        onChange={setEnvironment}
        error={fieldError(connect.error, "environment")}
      />
      {form && <SettingFields form={form} values={settings} onChange={setSettings} error={connect.error} />}
    </FormDialog>
  )
}
