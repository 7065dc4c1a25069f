"use client"

import { Select } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { ClientView } from "../../lib/registry/schema.ts"
import { api, queryString, type Page } from "../api.ts"

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
  const [text, setText] = useState(value)
  const [q] = useDebouncedValue(value === text ? "" : text, 200)
  const found = useQuery({
    queryKey: ["/clients", "pick", q],
    queryFn: ({ signal }) => api<Page<ClientView>>(`/clients${queryString({ q, limit: 30 })}`, { signal }),
    placeholderData: (old) => old,
  })
  const names = new Set([...(value ? [value] : []), ...(found.data?.items ?? []).map((c) => c.name)])
  return (
    <Select
      label="Client"
      placeholder="Name of the service client"
      searchable
      clearable
      error={error}
      data={[...names]}
      filter={({ options }) => options}
      value={value || null}
      searchValue={text}
      onSearchChange={setText}
      onChange={(name) => onChange(name ?? "")}
      nothingFoundMessage={found.isPending ? "Searching" : "No client fits"}
      clearButtonProps={{ "aria-label": "Clear client" }}
    />
  )
}
