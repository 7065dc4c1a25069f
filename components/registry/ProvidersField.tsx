"use client"

import { Checkbox, Stack, Text } from "@mantine/core"
import { Place } from "./Place.tsx"
import { useProviders } from "./useProviders.ts"

/** On which providers something is wanted. */
export function ProvidersField({
  label,
  description,
  value,
  onChange,
  error,
}: {
  label: string
  description?: string
  value: readonly string[]
  onChange: (ids: string[]) => void
  error?: string | undefined
}) {
  const providers = useProviders()
  return (
    <Checkbox.Group label={label} description={description} value={[...value]} onChange={onChange} error={error}>
      <Stack gap={6} mt={6}>
        {providers.items.map((p) => (
          <Checkbox
            key={p.id}
            value={p.id}
            label={
              <>
                {p.name}{" "}
                <Text span size="xs" c="dimmed">
                  · <Place of={p} />
                </Text>
              </>
            }
          />
        ))}
        {!providers.pending && providers.items.length === 0 && (
          <Text size="xs" c="dimmed">
            No provider is connected yet.
          </Text>
        )}
      </Stack>
    </Checkbox.Group>
  )
}
