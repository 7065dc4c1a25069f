"use client"

import { PasswordInput, TextInput } from "@mantine/core"
import type { KindForm } from "../../lib/providers/forms.ts"
import { fieldError } from "../ui/FormErrors.tsx"

interface Props {
  readonly form: KindForm
  readonly values: Readonly<Record<string, string>>
  readonly onChange: (values: Readonly<Record<string, string>>) => void
  readonly error: unknown
  /** Names of secrets that are held already: they may stay empty. */
  readonly sealed?: readonly string[]
}

/** The settings of one kind, drawn from its schema. A held secret is never shown: an empty field keeps it. */
export function SettingFields({ form, values, onChange, error, sealed = [] }: Props) {
  return form.fields.map((f) => {
    const held = sealed.includes(f.name)
    const common = {
      label: f.name.replaceAll("_", " "),
      required: f.required && !held,
      value: values[f.name] ?? "",
      autoComplete: "off",
      spellCheck: false,
      error: fieldError(error, `settings.${f.name}`),
      onChange: (event: { currentTarget: { value: string } }) =>
        onChange({ ...values, [f.name]: event.currentTarget.value }),
    }
    return f.secret ? (
      <PasswordInput
        key={f.name}
        {...common}
        description={
          held
            ? "Held sealed, and never shown. Leave empty to keep it."
            : f.description || "Sealed when stored, and never shown again."
        }
        placeholder={held ? "unchanged" : ""}
        visibilityToggleButtonProps={{ "aria-label": `Show what is typed for ${f.name}` }}
      />
    ) : (
      <TextInput key={f.name} {...common} {...(f.description ? { description: f.description } : {})} />
    )
  })
}

/** What was typed: empty fields are left out, so a held secret stays as it is. */
export const typed = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""))
export const settingPaths = (form: KindForm | undefined): string[] =>
  form?.fields.map((f) => `settings.${f.name}`) ?? []
