"use client"

import { PasswordInput, Textarea, TextInput } from "@mantine/core"
import type { KindSheet, SettingField } from "../../lib/connectors/sheet.ts"
import { Choice } from "../ui/Choice.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { settingLabel } from "./words.ts"

interface Props {
  readonly fields: readonly SettingField[]
  readonly values: Readonly<Record<string, string>>
  readonly onChange: (values: Readonly<Record<string, string>>) => void
  readonly error: unknown
  /** Names of secrets that are held already: they may stay empty. */
  readonly sealed?: readonly string[]
}

/** The settings of one kind, drawn from its schema. A held secret is never shown: an empty field keeps it. */
export function SettingFields({ fields, values, onChange, error, sealed = [] }: Props) {
  return fields.map((field) => (
    <Field
      key={field.name}
      field={field}
      value={values[field.name] ?? ""}
      held={sealed.includes(field.name)}
      error={fieldError(error, `settings.${field.name}`)}
      onChange={(value) => onChange({ ...values, [field.name]: value })}
    />
  ))
}

const sealedOnce = "Sealed when it is stored, and never shown again."
const heldSentence = "Leave empty to keep the one that is held."

function Field({
  field: f,
  value,
  held,
  error,
  onChange,
}: {
  field: SettingField
  value: string
  held: boolean
  error: string | undefined
  onChange: (value: string) => void
}) {
  const label = settingLabel(f.name)
  const description = [f.description || (f.secret ? sealedOnce : ""), held ? heldSentence : ""]
    .filter(Boolean)
    .join(" ")
  const common = {
    label,
    error,
    required: f.required && !held,
    ...(description ? { description } : {}),
  }
  const fallback = held ? "unchanged" : (f.fallback ?? "")
  if (f.choices.length > 0)
    return (
      <Choice
        {...common}
        data={f.choices}
        value={value}
        onChange={(v) => onChange(v ?? "")}
        any={fallback || "Not set"}
      />
    )
  const typing = {
    ...common,
    placeholder: fallback,
    value,
    autoComplete: "off",
    spellCheck: false,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  }
  if (f.lines)
    return <Textarea {...typing} autosize minRows={3} maxRows={10} styles={{ input: { fontFamily: "var(--mono)" } }} />
  if (f.secret)
    return (
      <PasswordInput {...typing} visibilityToggleButtonProps={{ "aria-label": `Show what is typed for ${label}` }} />
    )
  return <TextInput {...typing} />
}

/** What was typed: empty fields are left out, so a held secret stays as it is. */
export const typed = (values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""))
export const settingPaths = (sheet: Pick<KindSheet, "fields"> | undefined): string[] =>
  sheet?.fields.map((f) => `settings.${f.name}`) ?? []
