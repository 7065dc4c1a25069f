"use client"

import { Button, Group, Text } from "@mantine/core"
import { IconCheck, IconMinus } from "@tabler/icons-react"
import type { ReactNode } from "react"
import { isObject } from "../../lib/base/json.ts"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { Gate } from "./Gate.tsx"
import classes from "./rotations.module.css"
import {
  gradeSentence,
  progressOf,
  stateWords,
  stepsOf,
  strategySentence,
  type Progress,
  type StepView,
} from "./words.ts"

interface Acts {
  readonly reveal: (() => void) | null
  readonly confirm: (() => void) | null
  readonly retire: (() => void) | null
}

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
              <Body step={step} is={is} rotation={rotation} acts={acts} />
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
  const [tone, word] = stateWords[rotation.state]
  return <StatusBadge tone={tone}>{word}</StatusBadge>
}

function Body({
  step,
  is,
  rotation: r,
  acts,
}: {
  step: StepView
  is: Progress
  rotation: RotationDetail
  acts: Acts
}): ReactNode {
  const now = is === "current"
  const fresh = r.secrets.find((s) => s.role === "new")
  const trouble = now ? troubleOf(r) : null
  switch (step.key) {
    case "preflight":
      return (
        <>
          <p>{strategySentence(r)}</p>
          <p className={classes.why}>{gradeSentence[r.evidence_grade]}</p>
          <Foreign rotation={r} />
        </>
      )
    case "create":
      return (
        <>
          {is !== "open" && fresh && (
            <p>
              Secret version <code>{fresh.fingerprint}</code> on {r.provider}.
            </p>
          )}
          {trouble}
        </>
      )
    case "canary":
      return (
        <>
          {is === "open" ? null : is === "done" ? (
            <p>
              A real token was fetched with the new secret
              {fresh?.verified_at ? (
                <>
                  , <TimeText at={fresh.verified_at} />
                </>
              ) : null}
              .
            </p>
          ) : (
            now && (
              <p>Fetching a real token with the new secret. A provider may take some seconds until it accepts it.</p>
            )
          )}
          {trouble}
        </>
      )
    case "deliver":
      return (
        <>
          {now && (
            <p>
              Reveal the new secret once and store it where the service reads it, or confirm that the service has it.
              Both secrets work meanwhile.
            </p>
          )}
          {now && (acts.reveal || acts.confirm) && (
            <Group gap="xs" my={6}>
              {acts.reveal && <Button onClick={acts.reveal}>Reveal new secret</Button>}
              {acts.confirm && (
                <Button variant="default" onClick={acts.confirm}>
                  Confirm delivery
                </Button>
              )}
            </Group>
          )}
          <Delivered rotation={r} />
          {trouble}
        </>
      )
    case "switch":
      return (
        <>
          {now && (
            <p>When you continue, {r.provider} accepts the new secret only. The service must hold both before.</p>
          )}
          {now && acts.confirm && (
            <Button my={6} color="red.9" onClick={acts.confirm}>
              The service holds both: switch
            </Button>
          )}
          {trouble}
        </>
      )
    case "observe":
      if (is === "open" || is === "skipped") return null
      return (
        <>
          <p>
            {now ? "Old secret" : "Old secret, at the end:"}{" "}
            {r.gate.old_last_seen_at ? (
              <>
                last used <TimeText at={r.gate.old_last_seen_at} short={false} />
              </>
            ) : (
              "no use recorded"
            )}
            . New secret{" "}
            {usedByService(r) ? (
              <>
                last used <TimeText at={r.gate.new_last_seen_at} short={false} />
              </>
            ) : (
              "not used by a service yet"
            )}
            .
          </p>
          {r.grace_until && (
            <p>
              {r.overdue ? (
                <b style={{ color: "var(--fail)" }}>The overlap ended </b>
              ) : now ? (
                "The overlap ends "
              ) : (
                "The overlap was to end "
              )}
              <TimeText at={r.grace_until} short={false} />
              {r.overdue && " and the old secret still lives."}
            </p>
          )}
          <Gate rotation={r} />
          {now && acts.retire && (
            <Button
              mt={8}
              variant={r.gate.open ? "filled" : "default"}
              {...(r.gate.open ? {} : { c: "var(--fail)" })}
              onClick={acts.retire}
            >
              Retire old secret
            </Button>
          )}
          <Override rotation={r} />
          {trouble}
        </>
      )
    case "remove":
      return (
        <>
          {is === "done" ? (
            <p>
              {r.strategy === "overlap" ? `${r.provider} was read again: the old secret is gone. ` : ""}The evidence
              stands in the journal below.
            </p>
          ) : null}
          {trouble}
        </>
      )
  }
}

/** Before the overlap began only our canary had it. */
const usedByService = (r: RotationDetail): boolean =>
  r.gate.new_last_seen_at !== null && r.grace_started_at !== null && r.gate.new_last_seen_at >= r.grace_started_at

function Foreign({ rotation }: { rotation: RotationDetail }) {
  const detail = rotation.steps.find((line) => line.step === "preflight")?.detail
  const foreign =
    isObject(detail) && Array.isArray(detail.foreign_secrets)
      ? detail.foreign_secrets.filter((x): x is string => typeof x === "string")
      : []
  if (foreign.length === 0) return null
  return (
    <p>
      <StatusBadge tone="warn">foreign secrets</StatusBadge> {rotation.provider} also accepts{" "}
      {foreign.length === 1 ? "a secret" : `${foreign.length} secrets`} that Grantry did not make: {foreign.join(", ")}.
      We never end those.
    </p>
  )
}

function Delivered({ rotation }: { rotation: RotationDetail }) {
  const line = rotation.steps.find((s) => s.step === "deliver" && s.phase === "result")
  if (!line || !isObject(line.detail)) return null
  const how =
    line.detail.by === "reveal" ? "Revealed" : line.detail.by === "emergency" ? "Skipped: emergency" : "Confirmed"
  return (
    <p>
      {how}
      {typeof line.detail.actor === "string" && ` by ${line.detail.actor}`}, <TimeText at={line.at} />.
    </p>
  )
}

function Override({ rotation }: { rotation: RotationDetail }) {
  const o = rotation.override
  if (!isObject(o) || typeof o.reason !== "string") return null
  return (
    <p>
      <StatusBadge tone="warn">override</StatusBadge> by {typeof o.by === "string" ? o.by : "somebody"}: {o.reason}
    </p>
  )
}

function troubleOf(rotation: RotationDetail): ReactNode {
  const t = rotation.trouble
  if (!isObject(t) || typeof t.message !== "string") return null
  return (
    <p>
      <StatusBadge tone="warn">last attempt failed</StatusBadge> {t.message}
      {typeof t.code === "string" && (
        <>
          {" "}
          <code>{t.code}</code>
        </>
      )}
      {typeof t.next_at === "string" && (
        <>
          {" "}
          Next attempt <TimeText at={t.next_at} />.
        </>
      )}
    </p>
  )
}
