"use client"

import { Textarea, TextInput } from "@mantine/core"
import type { AuthMethod } from "../../lib/registry/schema.ts"
import { ProvidersField } from "../registry/ProvidersField.tsx"
import { Choice } from "../ui/Choice.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { Suggest } from "../ui/Suggest.tsx"
import { Tags } from "../ui/Tags.tsx"

export interface ClientValues {
  readonly name: string
  readonly display_name: string
  readonly owner: string
  readonly description: string
  readonly auth_method: AuthMethod
  /** The key set as typed; only for private_key_jwt. */
  readonly jwks: string
  readonly provider_ids: readonly string[]
  readonly tags: readonly string[]
}

export const clientFieldNames = [
  "name",
  "display_name",
  "owner",
  "description",
  "auth_method",
  "jwks",
  "provider_ids",
  "tags",
] as const
export const noClient: ClientValues = {
  name: "",
  display_name: "",
  owner: "",
  description: "",
  auth_method: "client_secret_basic",
  jwks: "",
  provider_ids: [],
  tags: [],
}

const methods = [
  { value: "client_secret_basic", label: "client_secret_basic: secret in the Authorization header" },
  { value: "client_secret_post", label: "client_secret_post: secret in the body" },
  { value: "private_key_jwt", label: "private_key_jwt: no secret, a signed assertion" },
]
const isMethod = (text: string | null): text is AuthMethod => methods.some((m) => m.value === text)

/** What the API wants. A key set that is not JSON goes as text, so that the server's own words name the fault. */
export function clientBody(values: ClientValues) {
  const { jwks, name: _name, ...rest } = values
  return { ...rest, jwks: values.auth_method === "private_key_jwt" ? parsed(jwks) : null }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The fields of a service client. The name is asked for once: it cannot change. */
export function ClientFields({
  values,
  onChange,
  error,
  withName,
  owners,
}: {
  values: ClientValues
  onChange: (values: ClientValues) => void
  error: unknown
  withName: boolean
  owners?: readonly string[]
}) {
  const set = (part: Partial<ClientValues>) => onChange({ ...values, ...part })
  return (
    <>
      {withName && (
        <TextInput
          label="Name"
          description="The client_id at every provider. Letters, digits and . _ - ; it cannot change later."
          required
          value={values.name}
          onChange={(e) => set({ name: e.currentTarget.value })}
          error={fieldError(error, "name")}
          autoComplete="off"
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mono)" } }}
        />
      )}
      <TextInput
        label="Display name"
        value={values.display_name}
        onChange={(e) => set({ display_name: e.currentTarget.value })}
        error={fieldError(error, "display_name")}
      />
      <Suggest
        label="Owner"
        description="The team or person who answers for this service."
        required
        value={values.owner}
        onChange={(owner) => set({ owner })}
        error={fieldError(error, "owner")}
        suggestions={owners ?? []}
      />
      <Choice
        label="Authentication"
        data={methods}
        value={values.auth_method}
        onChange={(m) => {
          if (isMethod(m)) set({ auth_method: m })
        }}
        error={fieldError(error, "auth_method")}
      />
      {values.auth_method === "private_key_jwt" && (
        <Textarea
          label="Public keys (JWKS)"
          description="Public members only. The private key stays with the service."
          autosize
          minRows={4}
          maxRows={12}
          value={values.jwks}
          onChange={(e) => set({ jwks: e.currentTarget.value })}
          error={fieldError(error, "jwks")}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mono)", fontSize: 12 } }}
        />
      )}
      <ProvidersField
        label="Providers"
        description="Providers this client is wanted on."
        value={values.provider_ids}
        onChange={(provider_ids) => set({ provider_ids })}
        error={fieldError(error, "provider_ids")}
      />
      <Textarea
        label="Description"
        autosize
        minRows={1}
        value={values.description}
        onChange={(e) => set({ description: e.currentTarget.value })}
        error={fieldError(error, "description")}
      />
      <Tags label="Tags" value={values.tags} onChange={(tags) => set({ tags })} error={fieldError(error, "tags")} />
    </>
  )
}
