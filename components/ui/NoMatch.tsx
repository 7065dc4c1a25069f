import { Button } from "@mantine/core"
import { EmptyState } from "./EmptyState.tsx"

/** The query matches nothing: says so, with a button that drops what stands in the way. */
export function NoMatch({
  what,
  clear,
  verb = "Clear filters",
}: {
  what: string
  clear?: (() => void) | undefined
  verb?: string
}) {
  return (
    <EmptyState
      title={`No ${what} match`}
      action={
        clear && (
          <Button variant="default" onClick={clear}>
            {verb}
          </Button>
        )
      }
    >
      Nothing fits every filter that is set. Drop one to see more.
    </EmptyState>
  )
}
