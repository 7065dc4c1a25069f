"use client"

import { ActionIcon, Button, Checkbox, Group, SimpleGrid, Stack, Text, TextInput } from "@mantine/core"
import { IconPlus, IconTrash } from "@tabler/icons-react"
import type { tokenTtlSeconds } from "../../lib/registry/rules.ts"
import type { AudienceView, ScopeView } from "../../lib/registry/schema.ts"
import { ProvidersField } from "../registry/ProvidersField.tsx"
import { Choice } from "../ui/Choice.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { WholeNumber } from "../ui/WholeNumber.tsx"

/** The API's: a view runs nothing of its room, so the compiler holds the two equal. */
const lifeBounds: typeof tokenTtlSeconds = { min: 60, max: 86_400 }

export interface AudienceValues {
  readonly identifier: string
  readonly legacy: boolean
  readonly name: string
  readonly token_ttl_seconds: number | string
  readonly token_format: string
  readonly signing_alg: string
  readonly scopes: readonly ScopeView[]
  readonly provider_ids: readonly string[]
}

export const audienceFieldNames = [
  "identifier",
  "name",
  "token_ttl_seconds",
  "token_format",
  "signing_alg",
  "scopes",
  "provider_ids",
] as const
export const noAudience: AudienceValues = {
  identifier: "",
  legacy: false,
  name: "",
  token_ttl_seconds: 900,
  token_format: "jwt",
  signing_alg: "RS256",
  scopes: [{ name: "", description: "" }],
  provider_ids: [],
}

export const audienceValues = (a: AudienceView): AudienceValues => ({ ...a })

/** Empty scope lines are left out. */
export const audienceBody = (values: AudienceValues) => ({
  name: values.name,
  token_ttl_seconds: Number(values.token_ttl_seconds),
  token_format: values.token_format,
  signing_alg: values.signing_alg,
  scopes: values.scopes
    .filter((s) => s.name !== "" || s.description !== "")
    .map(({ name, description }) => ({ name, description })),
  provider_ids: values.provider_ids,
})

const algorithms = ["RS256", "PS256", "ES256", "EdDSA"]

export function AudienceFields({
  values,
  onChange,
  error,
  withIdentifier,
}: {
  values: AudienceValues
  onChange: (values: AudienceValues) => void
  error: unknown
  withIdentifier: boolean
}) {
  const set = (part: Partial<AudienceValues>) => onChange({ ...values, ...part })
  const setScope = (at: number, part: Partial<ScopeView>) =>
    set({ scopes: values.scopes.map((s, i) => (i === at ? { ...s, ...part } : s)) })
  return (
    <>
      {withIdentifier && (
        <>
          <TextInput
            label="Identifier"
            description={
              values.legacy
                ? "As the API expects it in aud."
                : "An absolute URI without fragment, as it stands in aud. It cannot change later."
            }
            placeholder="https://payment-service.internal"
            required
            value={values.identifier}
            onChange={(e) => set({ identifier: e.currentTarget.value })}
            error={fieldError(error, "identifier")}
            autoComplete="off"
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mono)" } }}
          />
          <Checkbox
            label="Legacy: the identifier is a plain name, not a URI"
            checked={values.legacy}
            onChange={(e) => set({ legacy: e.currentTarget.checked })}
          />
        </>
      )}
      <TextInput
        label="Name"
        required
        value={values.name}
        onChange={(e) => set({ name: e.currentTarget.value })}
        error={fieldError(error, "name")}
      />
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <WholeNumber
          label="Token life in seconds"
          {...lifeBounds}
          value={values.token_ttl_seconds}
          onChange={(token_ttl_seconds) => set({ token_ttl_seconds })}
          error={fieldError(error, "token_ttl_seconds")}
        />
        <Choice
          label="Token format"
          data={[
            { value: "jwt", label: "JWT (RFC 9068)" },
            { value: "opaque", label: "Opaque" },
          ]}
          value={values.token_format}
          onChange={(f) => set({ token_format: f ?? "jwt" })}
          error={fieldError(error, "token_format")}
        />
        <Choice
          label="Signing algorithm"
          data={algorithms.includes(values.signing_alg) ? algorithms : [...algorithms, values.signing_alg]}
          value={values.signing_alg}
          onChange={(a) => set({ signing_alg: a ?? "RS256" })}
          error={fieldError(error, "signing_alg")}
        />
      </SimpleGrid>
      <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
        <Text component="legend" size="sm" fw={500} mb={4}>
          Scopes
        </Text>
        <Stack gap={6}>
          {values.scopes.map((s, i) => (
            // Lines have no identity of their own; the index is it.
            <Group key={i} gap="xs" align="flex-start" wrap="nowrap">
              <TextInput
                aria-label={`Scope ${i + 1}`}
                placeholder="payments:write"
                value={s.name}
                onChange={(e) => setScope(i, { name: e.currentTarget.value })}
                error={fieldError(error, `scopes.${i}.name`)}
                autoComplete="off"
                spellCheck={false}
                w="38%"
                styles={{ input: { fontFamily: "var(--mono)" } }}
              />
              <TextInput
                aria-label={`Description of scope ${i + 1}`}
                placeholder="What it allows"
                value={s.description}
                onChange={(e) => setScope(i, { description: e.currentTarget.value })}
                error={fieldError(error, `scopes.${i}.description`)}
                style={{ flex: 1 }}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                size={36}
                aria-label={`Remove scope ${i + 1}`}
                onClick={() => set({ scopes: values.scopes.filter((_, at) => at !== i) })}
              >
                <IconTrash size={15} aria-hidden />
              </ActionIcon>
            </Group>
          ))}
          <div>
            <Button
              variant="default"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => set({ scopes: [...values.scopes, { name: "", description: "" }] })}
            >
              Add scope
            </Button>
          </div>
        </Stack>
      </fieldset>
      <ProvidersField
        label="Also on these providers"
        description="It is made on every provider that has a client with a grant on it. Tick a provider only if it is wanted there without one."
        value={values.provider_ids}
        onChange={(provider_ids) => set({ provider_ids })}
        error={fieldError(error, "provider_ids")}
      />
    </>
  )
}
