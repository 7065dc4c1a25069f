import Link from "next/link"
import { EmptyState } from "../components/ui/EmptyState.tsx"

export default function Missing() {
  return (
    <main>
      <EmptyState order={1} title="There is nothing here" action={<Link href="/">To the overview</Link>}>
        The address is mistyped, or the page has moved.
      </EmptyState>
    </main>
  )
}
