"use client"

import { Checkbox, Stack, Text, TextInput } from "@mantine/core"
import { useState } from "react"
import { useProviders } from "../registry/useProviders.ts"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { useMakePlan } from "./usePlan.ts"

/** Chooses the providers of a new plan. Making it writes nothing anywhere. */
export function NewPlan({ first, onClose }: { first?: readonly string[] | null; onClose: () => void }) {
  const providers = useProviders()
  const [picked, setPicked] = useState<readonly string[] | null>(first ?? null)
  const [purpose, setPurpose] = useState("")
  const make = useMakePlan()
  const chosen = picked ?? providers.items.map((p) => p.id)
  return (
    <FormDialog
      title="New plan"
      verb="Make plan"
      busy={make.isPending}
      disabled={chosen.length === 0}
      error={make.error}
      fields={["provider_ids", "purpose"]}
      onSubmit={() => {
        make.mutate({ provider_ids: chosen, ...(purpose.trim() ? { purpose: purpose.trim() } : {}) })
      }}
      onClose={onClose}
    >
      <Text size="sm">
        The plan reads each provider, compares it with the registry, and shows what would be written. It writes nothing.
      </Text>
      {providers.error && <ErrorPanel error={providers.error} />}
      <Checkbox.Group
        label="Providers"
        value={[...chosen]}
        onChange={setPicked}
        error={fieldError(make.error, "provider_ids")}
      >
        <Stack gap={8} mt={6}>
          {providers.items.map((p) => (
            <Checkbox key={p.id} value={p.id} label={`${p.name} (${p.environment})`} />
          ))}
          {!providers.pending && providers.items.length === 0 && (
            <Text size="sm" c="dimmed">
              No provider is connected yet.
            </Text>
          )}
        </Stack>
      </Checkbox.Group>
      <TextInput
        label="Purpose"
        description="Optional. Stands in the list of plans and in the activity."
        maxLength={300}
        value={purpose}
        onChange={(e) => setPurpose(e.currentTarget.value)}
        error={fieldError(make.error, "purpose")}
      />
      {make.isPending && (
        <Text size="sm" c="dimmed" role="status">
          Reading {chosen.length === 1 ? "the provider" : `${chosen.length} providers`}. This takes at most a minute.
        </Text>
      )}
    </FormDialog>
  )
}
