"use client"

import { TextInput } from "@mantine/core"
import { fieldError } from "../ui/FormErrors.tsx"
import { Suggest } from "../ui/Suggest.tsx"

export const environments = ["production", "staging", "test", "development"]

/** What a provider is called here, and which environment it serves. */
export function NameFields({
  name,
  onName,
  environment,
  onEnvironment,
  error,
}: {
  name: string
  onName: (name: string) => void
  environment: string
  onEnvironment: (environment: string) => void
  error: unknown
}) {
  return (
    <>
      <TextInput
        label="Name"
        description="What it is called in Grantry."
        required
        value={name}
        onChange={(e) => onName(e.currentTarget.value)}
        error={fieldError(error, "name")}
      />
      <Suggest
        label="Environment"
        required
        suggestions={environments}
        value={environment}
        onChange={onEnvironment}
        error={fieldError(error, "environment")}
      />
    </>
  )
}
