import type { RotationView } from "../../lib/rotation/schema.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { stateWords } from "./words.ts"

export function StateBadge({ rotation }: { rotation: RotationView }) {
  if (rotation.aborting)
    return (
      <StatusBadge tone="warn" title="The new secret is being removed; the old one stays">
        aborting
      </StatusBadge>
    )
  if (rotation.overdue)
    return (
      <StatusBadge tone="fail" title="The overlap is over and the old secret still lives">
        overdue
      </StatusBadge>
    )
  const [tone, word, title] = stateWords(rotation)
  return (
    <StatusBadge tone={tone} title={title}>
      {word}
    </StatusBadge>
  )
}
