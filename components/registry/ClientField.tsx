"use client"

import type { ClientView } from "../../lib/registry/schema.ts"
import { Pick } from "../ui/Pick.tsx"
import { useFound } from "./useFound.ts"

/** Picks one service client by name; the server searches as you type. */
export function ClientField({
  value,
  onChange,
  error,
}: {
  value: string
  onChange: (name: string) => void
  error?: string | undefined
}) {
  const found = useFound<ClientView>("/clients")
  // The choice stands first until something else is looked for.
  const names = new Set([...(value && found.text === "" ? [value] : []), ...found.items.map((c) => c.name)])
  return (
    <Pick
      label="Client"
      placeholder="Name of the service client"
      error={error}
      options={[...names].map((name) => ({ value: name, label: name }))}
      value={value || null}
      onSearch={found.setText}
      searching={found.searching}
      onChange={(name) => onChange(name ?? "")}
      nothing={found.error ? "The clients cannot be read now" : "No client fits"}
    />
  )
}
