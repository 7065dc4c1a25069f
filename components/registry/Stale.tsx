"use client"

import { Button } from "@mantine/core"
import { ApiError } from "../api.ts"

/** After a 412: the way to the present state. Nothing was overwritten; the error panel beside it says so. */
export function Stale({ error, reload }: { error: unknown; reload: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 412) return null
  return (
    <Button variant="default" onClick={reload}>
      Drop my changes and show what is there now
    </Button>
  )
}
