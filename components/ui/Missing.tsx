import { EmptyState } from "./EmptyState.tsx"
import { LinkButton } from "./LinkButton.tsx"

/** In place of a page or an object that is not there. */
export function Missing() {
  return (
    <EmptyState
      order={1}
      title="There is nothing here"
      action={
        <LinkButton href="/" variant="default">
          To the overview
        </LinkButton>
      }
    >
      It may have been deleted, or the address is mistyped.
    </EmptyState>
  )
}
