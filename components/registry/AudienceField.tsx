"use client"

import type { AudienceView } from "../../lib/registry/schema.ts"
import { Pick } from "../ui/Pick.tsx"
import { useFound } from "./useFound.ts"

/** Picks one audience; the server searches as you type. */
export function AudienceField({
  value,
  onChange,
  error,
}: {
  value: AudienceView | null
  onChange: (audience: AudienceView | null) => void
  error?: string | undefined
}) {
  const found = useFound<AudienceView>("/audiences")
  // The choice stands first until something else is looked for.
  const first = value && found.text === "" ? [value] : []
  const shown = [...first, ...found.items.filter((a) => a.id !== first[0]?.id)]
  return (
    <Pick
      label="Audience"
      placeholder="Name or identifier of the API"
      error={error}
      options={shown.map((a) => ({ value: a.id, label: a.identifier }))}
      value={value?.id ?? null}
      onSearch={found.setText}
      searching={found.searching}
      onChange={(id) => onChange(shown.find((a) => a.id === id) ?? null)}
      nothing={found.error ? "The audiences cannot be read now" : "No audience fits"}
    />
  )
}
