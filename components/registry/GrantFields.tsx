"use client"

import { MultiSelect, Textarea, TextInput } from "@mantine/core"
import type { AudienceView } from "../../lib/registry/schema.ts"
import { fieldError } from "../ui/FormErrors.tsx"

export interface GrantValues {
  readonly scopes: readonly string[]
  readonly reason: string
  /** As the browser's own field has it, in the viewer's zone: `2027-01-31T12:00`; empty for no end. */
  readonly until: string
}

export const noGrant: GrantValues = { scopes: [], reason: "", until: "" }
export const grantFieldNames = ["scopes", "reason", "expires_at"] as const

/** RFC 3339 of the end, null without one. */
export const endOf = (values: GrantValues): string | null =>
  values.until === "" ? null : new Date(values.until).toISOString()

/** What the browser's date field wants, in the viewer's zone. */
export function untilOf(expiresAt: string | null): string {
  if (!expiresAt) return ""
  const at = new Date(expiresAt)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

/** Scopes, reason and end of a grant on an audience that is chosen already. */
export function GrantFields({
  audience,
  values,
  onChange,
  error,
}: {
  audience: Pick<AudienceView, "scopes"> | null
  values: GrantValues
  onChange: (values: GrantValues) => void
  error: unknown
}) {
  return (
    <>
      <MultiSelect
        label="Scopes"
        searchable
        clearable
        hidePickedOptions
        placeholder={values.scopes.length === 0 ? "What the client may ask for" : ""}
        data={(audience?.scopes ?? []).map((s) => ({ value: s.name, label: s.name }))}
        value={[...values.scopes]}
        onChange={(scopes) => onChange({ ...values, scopes })}
        error={fieldError(error, "scopes")}
        nothingFoundMessage="This audience has no such scope"
        clearButtonProps={{ "aria-label": "Clear scopes" }}
      />
      <Textarea
        label="Reason"
        description="Why this client needs it. Reviewers read this."
        autosize
        minRows={2}
        maxLength={1000}
        value={values.reason}
        onChange={(e) => onChange({ ...values, reason: e.currentTarget.value })}
        error={fieldError(error, "reason")}
      />
      <TextInput
        label="Ends"
        description="Empty: no end. Date and time in your own zone. Past it, the next plan takes the grant away."
        type="datetime-local"
        value={values.until}
        onChange={(e) => onChange({ ...values, until: e.currentTarget.value })}
        error={fieldError(error, "expires_at")}
        maw={260}
      />
    </>
  )
}
