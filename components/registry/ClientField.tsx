"use client"

import { useDebouncedValue } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { ClientView } from "../../lib/registry/schema.ts"
import { api, queryString, type Page } from "../api.ts"
import { Pick } from "../ui/Pick.tsx"

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
  const [text, setText] = useState("")
  const [q] = useDebouncedValue(text, 200)
  const found = useQuery({
    queryKey: ["/clients", "pick", q],
    queryFn: ({ signal }) => api<Page<ClientView>>(`/clients${queryString({ q, limit: 30 })}`, { signal }),
    placeholderData: (old) => old,
  })
  const names = new Set([...(value ? [value] : []), ...(found.data?.items ?? []).map((c) => c.name)])
  return (
    <Pick
      label="Client"
      placeholder="Name of the service client"
      error={error}
      options={[...names].map((name) => ({ value: name, label: name }))}
      value={value || null}
      onSearch={setText}
      onChange={(name) => onChange(name ?? "")}
      nothing={found.isPending ? "Searching" : "No client fits"}
    />
  )
}
