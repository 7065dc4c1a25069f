"use client"

import { Alert, Button, Group, Progress, Text, VisuallyHidden } from "@mantine/core"
import type { PlanWire } from "../../lib/sync/schema.ts"
import { LinkButton } from "../ui/LinkButton.tsx"
import { usePolite } from "../ui/usePolite.ts"
import { itemError, progressOf } from "./shape.ts"

const words: readonly (readonly [string, string])[] = [
  ["done", "done"],
  ["failed", "failed"],
  ["unknown", "unknown"],
  ["skipped", "skipped"],
  ["intent", "running"],
  ["pending", "waiting"],
]
const tally = (progress: PlanWire["progress"]): string =>
  words.flatMap(([status, word]) => (progress[status] ? [`${progress[status]} ${word}`] : [])).join(", ")

/** While it is applied: done of total, live. Afterwards: what was carried out, what was not, what to do. */
export function Outcome({
  plan,
  onReplan,
  replanning,
}: {
  plan: PlanWire
  onReplan: (() => void) | null
  replanning: boolean
}) {
  const { ended, all } = progressOf(plan.progress)
  const spoken = usePolite(
    plan.status === "applying"
      ? `${ended} of ${all} items ended`
      : `Plan ${plan.status.replaceAll("_", " ")}${all > 0 ? `: ${tally(plan.progress)}` : ""}`,
  )
  return (
    <>
      <VisuallyHidden role="status">{spoken}</VisuallyHidden>
      <Shown plan={plan} ended={ended} all={all} onReplan={onReplan} replanning={replanning} />
    </>
  )
}

function Shown({
  plan,
  ended,
  all,
  onReplan,
  replanning,
}: {
  plan: PlanWire
  ended: number
  all: number
  onReplan: (() => void) | null
  replanning: boolean
}) {
  const again = onReplan && (
    <Button variant="default" onClick={onReplan} loading={replanning}>
      Re-plan
    </Button>
  )
  switch (plan.status) {
    case "applying":
      return (
        <Alert variant="outline" color="petrol" title={`Applying: ${ended} of ${all}`}>
          <Progress
            value={all === 0 ? 100 : (100 * ended) / all}
            color={plan.progress.failed ? "orange" : "petrol"}
            aria-label="Items ended"
            my={6}
          />
          <Text size="sm">
            {tally(plan.progress)}. You can leave this page: the worker goes on, and a restart resumes where it stopped.
          </Text>
        </Alert>
      )
    case "applied":
      return (
        <Alert
          variant="outline"
          color="teal"
          title={all === 0 ? "There was nothing to write" : `Applied: ${all} of ${all} done`}
        >
          <NewSecrets plan={plan} />
          {all > 0 && <Text size="sm">Each item was read back as written.</Text>}
        </Alert>
      )
    case "partially_applied":
      return (
        <Alert variant="outline" color="yellow" title="Applied in part">
          <Text size="sm">
            {tally(plan.progress)}. Resume tries what did not succeed, and looks at the provider before it writes;
            Re-plan starts from what is there now.
          </Text>
          <NewSecrets plan={plan} />
          <Group mt="xs">{again}</Group>
        </Alert>
      )
    case "stale": {
      const moved = plan.changes.filter((c) => itemError(c.error)?.code === "stale").length
      return (
        <Alert variant="outline" color="yellow" title="The provider changed after this plan">
          <Text size="sm">
            Nothing was written to {moved === 1 ? "1 item" : `${moved} items`}. The items below say what moved.
          </Text>
          <Group mt="xs">{again}</Group>
        </Alert>
      )
    }
    case "failed":
      return (
        <Alert variant="outline" color="red" title="Nothing was written">
          <Text size="sm">
            {tally(plan.progress)}. Each item below has its reason. Resume tries again; Re-plan starts from what is
            there now.
          </Text>
          <Group mt="xs">{again}</Group>
        </Alert>
      )
    case "discarded":
      return (
        <Alert variant="outline" color="gray" title="Discarded">
          Nothing was written. <Group mt="xs">{again}</Group>
        </Alert>
      )
    default:
      return null
  }
}

function NewSecrets({ plan }: { plan: PlanWire }) {
  const made = plan.changes
    .filter((c) => c.kind === "client" && c.verb === "create" && c.status === "done")
    .map((c) => c.key)
  const one = made.length === 1 ? made[0] : undefined
  if (made.length === 0) return null
  return (
    <Group gap="sm" my={4}>
      <Text size="sm">
        {one ?? `${made.length} clients`} {one ? "is" : "are"} on the provider now. The first secret is sealed here
        until it is revealed once.
      </Text>
      <LinkButton href={one ? `/clients?q=${encodeURIComponent(one)}` : "/clients"} variant="default">
        {one ? `Find ${one}` : "To the clients"}
      </LinkButton>
    </Group>
  )
}
