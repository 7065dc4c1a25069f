"use client"

import { Text } from "@mantine/core"
import Link from "next/link"
import type { SourceView } from "../../lib/events/source-view.ts"
import { watermarkOf } from "../audit/watermark.ts"
import { TimeText } from "../ui/TimeText.tsx"

/** Until when nothing is missing, by the rule of the audit page: the least of the enabled sources that have a silence limit and ever spoke. */
export function Watermark({ sources }: { sources: readonly SourceView[] | undefined }) {
  if (sources === undefined) return null
  const mark = watermarkOf(sources, 0)
  const spoke = sources.some((s) => s.enabled && s.complete_until !== null)
  return (
    <Text size="xs" c="dimmed" component={Link} href="/settings?tab=sources">
      {mark.completeUntil ? (
        <>
          Events complete until <TimeText at={mark.completeUntil} short={false} />
          {mark.heldBackBy.length > 0 && `, held by ${mark.heldBackBy.join(", ")}`}
        </>
      ) : spoke ? (
        "No event source with a silence limit has spoken yet"
      ) : (
        "No event source has spoken yet"
      )}
    </Text>
  )
}
