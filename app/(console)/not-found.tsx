import { EmptyState } from "../../components/ui/EmptyState.tsx"
import { LinkButton } from "../../components/ui/LinkButton.tsx"

export default function Missing() {
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
