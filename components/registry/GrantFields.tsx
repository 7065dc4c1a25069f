"use client"

import { MultiSelect, Textarea, TextInput } from "@mantine/core"
import type { AudienceView } from "../../lib/registry/schema.ts"
import { fieldError } from "../ui/FormErrors.tsx"
import type { GrantValues } from "./grantValues.ts"

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
