import { Code } from "@mantine/core"
import type { EventItem } from "../../lib/events/item.ts"
import { Marked } from "../ui/Marked.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { duration } from "../ui/time.ts"
import { Absent } from "../ui/TimeText.tsx"

export const eventWord = (event: string): string => event.replace("token_", "")

export function Result({ event }: { event: EventItem }) {
  if (event.validation_result === "failure") return <StatusBadge tone="fail">{event.failure_reason ?? "failure"}</StatusBadge>
  if (event.validation_result === "success") return <StatusBadge tone="pass">success</StatusBadge>
  return <StatusBadge tone="unknown" title="The source does not say how it ended">not said</StatusBadge>
}

export const Word = ({ children, why = "not in the event" }: { children: string | null; why?: string }) => (children === null ? <Absent why={why} /> : <Marked>{children}</Marked>)
export const Scopes = ({ scopes }: { scopes: readonly string[] }) => (scopes.length === 0 ? <Absent why="none in the event" /> : <Code fz={12}><Marked>{scopes.join(" ")}</Marked></Code>)
export const Took = ({ ms }: { ms: number | null }) => (ms === null ? <Absent why="not in the event" /> : <>{duration(ms)}</>)
