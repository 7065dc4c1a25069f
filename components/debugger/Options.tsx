"use client"

import { Collapse, Button, Stack, Textarea, TextInput } from "@mantine/core"
import { IconAdjustments } from "@tabler/icons-react"
import { useState } from "react"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { Choice } from "../ui/Choice.tsx"
import { fieldError } from "../ui/FormErrors.tsx"

/** What the token is compared with, where the registry alone does not say. */
export interface Expected {
  readonly providerId: string | null
  readonly audience: string
  readonly scopes: string
  readonly jwks: string
}
export const nothingExpected: Expected = { providerId: null, audience: "", scopes: "", jwks: "" }

export function Options({
  value,
  set,
  providers,
  error,
}: {
  value: Expected
  set: (value: Expected) => void
  providers: readonly ProviderWire[]
  error: unknown
}) {
  const [open, setOpen] = useState(false)
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        leftSection={<IconAdjustments size={15} aria-hidden />}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        What to compare it with
      </Button>
      <Collapse expanded={open}>
        <Stack gap="xs" mt="xs">
          <Choice
            size="xs"
            label="Issuer"
            description="Left empty: the connected provider with exactly the token's issuer"
            any="By the token"
            data={providers.map((p) => ({ value: p.id, label: `${p.name} (${p.issuer})` }))}
            value={value.providerId}
            onChange={(providerId) => set({ ...value, providerId })}
            error={fieldError(error, "provider_id")}
          />
          <TextInput
            size="xs"
            label="Audience that the API expects"
            placeholder="https://payment-service.internal"
            value={value.audience}
            onChange={(e) => set({ ...value, audience: e.currentTarget.value })}
            error={fieldError(error, "audience")}
            autoComplete="off"
            spellCheck={false}
          />
          <TextInput
            size="xs"
            label="Scopes that the call needs"
            placeholder="payments:write payments:read"
            value={value.scopes}
            onChange={(e) => set({ ...value, scopes: e.currentTarget.value })}
            error={fieldError(error, "scopes")}
            autoComplete="off"
            spellCheck={false}
          />
          <Textarea
            size="xs"
            label="Keys for this check only"
            description="A JWK Set, a JWK, instead of the issuer's keys"
            autosize
            minRows={2}
            maxRows={6}
            value={value.jwks}
            onChange={(e) => set({ ...value, jwks: e.currentTarget.value })}
            error={fieldError(error, "jwks")}
            autoComplete="off"
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mono)" } }}
          />
        </Stack>
      </Collapse>
    </div>
  )
}
