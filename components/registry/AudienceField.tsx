"use client"

import { useDebouncedValue } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { AudienceView } from "../../lib/registry/schema.ts"
import { api, queryString, type Page } from "../api.ts"
import { Pick } from "../ui/Pick.tsx"

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
  const [q] = useDebouncedValue(text, 200)
  const found = useQuery({
    queryKey: ["/audiences", "pick", q],
    queryFn: ({ signal }) => api<Page<AudienceView>>(`/audiences${queryString({ q, limit: 30 })}`, { signal }),
    placeholderData: (old) => old,
  })
  const items = found.data?.items ?? []
  const shown = value && !items.some((a) => a.id === value.id) ? [value, ...items] : items
  return (
    <Pick
      label="Audience"
      placeholder="Name or identifier of the API"
      error={error}
      options={shown.map((a) => ({ value: a.id, label: a.identifier }))}
      value={value?.id ?? null}
      onSearch={setText}
      onChange={(id) => onChange(shown.find((a) => a.id === id) ?? null)}
      nothing={found.isPending ? "Searching" : "No audience fits"}
    />
  )
}
