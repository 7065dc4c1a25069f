"use client"

import { Select } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { AudienceView } from "../../lib/registry/schema.ts"
import { api, queryString, type Page } from "../api.ts"

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
  const [text, setText] = useState("")
  const [q] = useDebouncedValue(value?.identifier === text ? "" : text, 200)
  const found = useQuery({
    queryKey: ["/audiences", "pick", q],
    queryFn: ({ signal }) => api<Page<AudienceView>>(`/audiences${queryString({ q, limit: 30 })}`, { signal }),
    placeholderData: (old) => old,
  })
  const items = found.data?.items ?? []
  const shown = value && !items.some((a) => a.id === value.id) ? [value, ...items] : items
  return (
    <Select
      label="Audience"
      placeholder="Name or identifier of the API"
      searchable
      clearable
      error={error}
      data={shown.map((a) => ({ value: a.id, label: a.identifier }))}
      filter={({ options }) => options}
      value={value?.id ?? null}
      searchValue={text}
      onSearchChange={setText}
      onChange={(id) => onChange(shown.find((a) => a.id === id) ?? null)}
      nothingFoundMessage={found.isPending ? "Searching" : "No audience fits"}
      clearButtonProps={{ "aria-label": "Clear audience" }}
    />
  )
}
