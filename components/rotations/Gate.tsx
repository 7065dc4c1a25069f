import { Text } from "@mantine/core"
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import classes from "./rotations.module.css"
import { conditionWords, gradeSentence } from "./words.ts"

/** May the old secret end? Every condition with its own sentence: met or open. */
export function Gate({ rotation }: { rotation: RotationDetail }) {
  const { gate } = rotation
  const over = rotation.finished_at !== null
  const waits = !over && gate.conditions.some((c) => c.name === "old_secret_unused" && !c.is)
  return (
    <section className={classes.gate} aria-label="Evidence gate">
      <Text fw={600} size="sm">
        <StatusBadge tone={gate.open ? "pass" : "unknown"}>{gate.open ? "gate open" : "gate closed"}</StatusBadge>{" "}
        {gate.open
          ? "The old secret's disuse is shown."
          : over
            ? "The old secret's disuse was not shown."
            : "The old secret's disuse is not shown yet."}
        {over && " As it was seen when it ended."}
      </Text>
      <ul className={classes.conditions}>
        {gate.conditions.map((c) => (
          <li key={c.name}>
            {c.is ? (
              <IconCircleCheck size={16} className={classes.met} role="img" aria-label="met" />
            ) : (
              <IconCircleDashed size={16} className={classes.unmet} role="img" aria-label="open" />
            )}
            <span>
              <b>{conditionWords[c.name] ?? c.name}.</b> <span className={classes.why}>{c.why}</span>
            </span>
          </li>
        ))}
      </ul>
      <Text size="xs" c="dimmed">
        {gradeSentence[gate.grade]}
      </Text>
      <Text size="xs" c="dimmed" component="div">
        {gate.complete_until && (
          <>
            Complete until <TimeText at={gate.complete_until} short={false} />.{" "}
          </>
        )}
        {waits && gate.opens_at && (
          <>
            Opens at the earliest <TimeText at={gate.opens_at} short={false} />, if the old secret stays unused.
          </>
        )}
      </Text>
    </section>
  )
}
