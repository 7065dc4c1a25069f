"use client"

import { Anchor, List } from "@mantine/core"
import Link from "next/link"
import { ApiError } from "../api.ts"

/** What a refused deletion says hangs on the thing: its grants, each named, or the rotation that is in flight. */
export function Hanging({ error }: { error: unknown }) {
  const { grants, rotation }: Record<string, unknown> = error instanceof ApiError ? error.evidence : {}
  const names = Array.isArray(grants)
    ? grants.flatMap((g: unknown) => (isRecord(g) ? [[g.client, g.audience].filter(isText).join(" → ")] : []))
    : []
  if (isRecord(rotation) && isText(rotation.id)) {
    return (
      <Anchor component={Link} href={`/rotations/${rotation.id}`} size="sm" mt="xs">
        Show the rotation
      </Anchor>
    )
  }
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

const isText = (value: unknown): value is string => typeof value === "string"
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null
