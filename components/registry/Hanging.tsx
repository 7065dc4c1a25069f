"use client"

import { List } from "@mantine/core"
import { ApiError } from "../api.ts"

/** What a refused deletion says hangs on the thing: its grants, each named. */
export function Hanging({ error }: { error: unknown }) {
  const grants = error instanceof ApiError && Array.isArray(error.evidence.grants) ? error.evidence.grants : []
  const names = grants.flatMap((g: unknown) => {
    if (typeof g !== "object" || g === null) return []
    const client = "client" in g && typeof g.client === "string" ? g.client : null
    const audience = "audience" in g && typeof g.audience === "string" ? g.audience : null
    return [[client, audience].filter(Boolean).join(" → ")]
  })
  if (names.length === 0) return null
  return (
    <List size="sm" mt="xs">
      {names.slice(0, 10).map((n) => (
        <List.Item key={n}>
          <code>{n}</code>
        </List.Item>
      ))}
    </List>
  )
}
