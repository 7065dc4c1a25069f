"use client"

import { Text } from "@mantine/core"
import { IconCheck, IconMinus } from "@tabler/icons-react"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import classes from "./rotations.module.css"
import { StepBody, type Acts } from "./StepBody.tsx"
import { progressOf, stateWords, stepsOf, type Progress } from "./words.ts"

const words: Readonly<Record<Progress, string>> = { done: "done", current: "now", open: "to come", skipped: "not done" }

/** The steps of a rotation with what each shows; the current one carries its acts. */
export function Stepper({ rotation, acts }: { rotation: RotationDetail; acts: Acts }) {
  const progress = progressOf(rotation)
  return (
    <ol className={classes.steps}>
      {stepsOf(rotation).map((step, i) => {
        const is = progress[i] ?? "open"
        const ended = rotation.steps.findLast((line) => step.journal.includes(line.step) && line.phase === "result")
        return (
          <li
            key={step.key}
            className={classes.step}
            data-is={is}
            data-stuck={rotation.state === "stuck" || undefined}
            aria-current={is === "current" ? "step" : undefined}
          >
            <span className={classes.dot} aria-hidden>
              {is === "done" ? (
                <IconCheck size={15} stroke={2.6} />
              ) : is === "skipped" ? (
                <IconMinus size={15} />
              ) : (
                i + 1
              )}
            </span>
            <h3 className={classes.title}>
              {step.title}
              {is === "current" ? (
                <Now rotation={rotation} mine={acts.reveal !== null || acts.confirm !== null} />
              ) : (
                <Text span size="xs" c="dimmed" fw={400}>
                  {words[is]}
                  {is === "done" && ended && (
                    <>
                      {" "}
                      · <TimeText at={ended.at} withRelative={false} />
                    </>
                  )}
                </Text>
              )}
            </h3>
            <div className={classes.body}>
              <StepBody step={step} is={is} rotation={rotation} acts={acts} />
            </div>
          </li>
        )
      })}
    </ol>
  )
}

/** The state of the current step; while a person must act, that and not what was reached. */
function Now({ rotation, mine }: { rotation: RotationDetail; mine: boolean }) {
  if (rotation.waits_for === "delivery" || rotation.waits_for === "confirmation")
    return <StatusBadge tone="warn">{mine ? "waiting for you" : "waiting for a person"}</StatusBadge>
  const [tone, word] = stateWords(rotation)
  return <StatusBadge tone={tone}>{word}</StatusBadge>
}
