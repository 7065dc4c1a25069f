import type { EventItem } from "../../lib/events/item.ts"
import { Clipped } from "../ui/Clipped.tsx"
import { Marked } from "../ui/Marked.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { duration } from "../ui/time.ts"
import { Absent } from "../ui/TimeText.tsx"

export const eventWord = (event: string): string => event.replace("token_", "")

/** Grantry fetches tokens of its own, to prove a secret or for a person who tests: no service did that. */
export function OwnCheck({ event }: { event: EventItem }) {
  if (event.extra?.purpose === "canary")
    return (
      <StatusBadge tone="quiet" title="Grantry fetched this token to prove a secret; no service asked for it">
        own check
      </StatusBadge>
    )
  if (event.extra?.purpose === "test_fetch" || event.extra?.purpose === "test_introspection")
    return (
      <StatusBadge tone="quiet" title="A person did this in the debugger; no service asked for it">
        test by a person
      </StatusBadge>
    )
  return null
}

export function Result({ event }: { event: EventItem }) {
  if (event.validation_result === "failure")
    return <StatusBadge tone="fail">{event.failure_reason ?? "failure"}</StatusBadge>
  if (event.validation_result === "success") return <StatusBadge tone="pass">success</StatusBadge>
  return (
    <StatusBadge tone="unknown" title="The source does not say how it ended">
      not said
    </StatusBadge>
  )
}

export const Word = ({ children, why = "not in the event" }: { children: string | null; why?: string }) =>
  children === null ? <Absent why={why} /> : <Marked>{children}</Marked>
export const Scopes = ({ scopes }: { scopes: readonly string[] }) =>
  scopes.length === 0 ? (
    <Absent why="none in the event" />
  ) : (
    <code>
      <Clipped>{scopes.join(" ")}</Clipped>
    </code>
  )
export const Took = ({ ms }: { ms: number | null }) =>
  ms === null ? <Absent why="not in the event" /> : <>{duration(ms)}</>
/** As `Word`, on one line, cut in the middle. */
export const Line = ({ children }: { children: string | null }) =>
  children === null ? <Absent why="not in the event" /> : <Clipped>{children}</Clipped>
