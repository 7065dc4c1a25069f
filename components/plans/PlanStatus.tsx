import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"

const plans: Readonly<Record<string, readonly [Tone, string, string]>> = {
  planned: ["quiet", "planned", "Nothing was written yet"],
  approved: ["quiet", "approved", "A person approved it; nothing was written yet"],
  applying: ["info", "applying", "The worker carries it out, step by step"],
  applied: ["pass", "applied", "Every item was carried out"],
  partially_applied: ["warn", "partially applied", "Some items were carried out, some were not"],
  stale: ["warn", "stale", "The provider changed after this plan"],
  failed: ["fail", "failed", "No item was carried out"],
  discarded: ["quiet", "discarded", "Set aside; nothing was written"],
}

export function PlanStatus({ status }: { status: string }) {
  const [tone, word, title] = plans[status] ?? ["unknown", status, status]
  return (
    <StatusBadge tone={tone} title={title}>
      {word}
    </StatusBadge>
  )
}

const items: Readonly<Record<string, readonly [Tone, string, string]>> = {
  pending: ["quiet", "waiting", "Not begun"],
  intent: ["info", "running", "Being written now, or looked at again after an interruption"],
  done: ["pass", "done", "Read back as written"],
  failed: ["fail", "failed", "Not written"],
  skipped: ["unknown", "skipped", "Not tried, because something before it did not succeed"],
  unknown: ["warn", "unknown", "It may have been written: the answer was lost. Resume looks before it writes"],
}

export function ItemStatus({ status }: { status: string }) {
  const [tone, word, title] = items[status] ?? ["unknown", status, status]
  return (
    <StatusBadge tone={tone} title={title}>
      {word}
    </StatusBadge>
  )
}
