"use client"

import { Text } from "@mantine/core"
import Link from "next/link"
import type { SourceView } from "../../lib/events/sources.ts"
import { TimeText } from "../ui/TimeText.tsx"

/** Until when nothing is missing: the least of the enabled sources that ever spoke. */
export function Watermark({ sources }: { sources: readonly SourceView[] | undefined }) {
  const heard = (sources ?? []).filter((s) => s.state !== "disabled").flatMap((s) => (s.complete_until === null ? [] : [s.complete_until]))
  const least = heard.sort()[0]
  if (sources === undefined) return null
  return (
    <Text size="xs" c="dimmed" component={Link} href="/settings?tab=sources">
      {least ? <>Events complete until <TimeText at={least} short={false} /></> : "No event source has spoken yet"}
    </Text>
  )
}
