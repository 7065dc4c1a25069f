"use client"

import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core"
import { useState } from "react"
import { useProviders } from "../registry/useProviders.ts"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { useMakePlan } from "./usePlan.ts"

/** Chooses the providers of a new plan. Making it writes nothing anywhere. */
export function NewPlan({ first, onClose }: { first?: readonly string[] | null; onClose: () => void }) {
  const providers = useProviders()
  const [picked, setPicked] = useState<readonly string[] | null>(first ?? null)
  const [purpose, setPurpose] = useState("")
  const make = useMakePlan()
  const chosen = picked ?? providers.items.map((p) => p.id)
  return (
    <Modal opened onClose={onClose} title="New plan">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          make.mutate({ provider_ids: chosen, ...(purpose.trim() ? { purpose: purpose.trim() } : {}) })
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            The plan reads each provider, compares it with the registry, and shows what would be written. It writes
            nothing.
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
          <FormErrors error={make.error} fields={["provider_ids", "purpose"]} />
          {make.isPending && (
            <Text size="sm" c="dimmed" role="status">
              Reading {chosen.length === 1 ? "the provider" : `${chosen.length} providers`}. This takes at most a
              minute.
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={chosen.length === 0} loading={make.isPending}>
              Make plan
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
