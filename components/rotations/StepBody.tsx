"use client"

import { Button, Group } from "@mantine/core"
import type { ReactNode } from "react"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { TimeText } from "../ui/TimeText.tsx"
import { Gate } from "./Gate.tsx"
import classes from "./rotations.module.css"
import { Delivered, Foreign, Override, Trouble } from "./StepNotes.tsx"
import { evidenceSentence, strategySentence, valueToCome, type Progress, type StepView } from "./words.ts"

/** What the viewer may do at the current step; null: not now, or not they. */
export interface Acts {
  readonly reveal: (() => void) | null
  readonly confirm: (() => void) | null
  readonly retire: (() => void) | null
}

/** What one step shows, with its acts while it is the current one. */
export function StepBody({
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
  const trouble = now ? <Trouble rotation={r} /> : null
  switch (step.key) {
    case "preflight":
      return (
        <>
          <p>{strategySentence(r)}</p>
          <p className={classes.why}>{evidenceSentence(r)}</p>
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
          {now && <p>{deliverSentence(r)}</p>}
          {now && (acts.reveal || acts.confirm) && (
            <Group gap="xs" my={6}>
              {acts.reveal && <Button onClick={acts.reveal}>Reveal new secret</Button>}
              {acts.confirm && (
                <Button variant={valueToCome(r) ? "filled" : "default"} onClick={acts.confirm}>
                  {valueToCome(r) ? "The place is ready" : "Confirm delivery"}
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
            <p>
              {valueToCome(r)
                ? `When you continue, ${r.provider} ends the old secret and makes the new one. Until ${r.client} holds it, it gets no token.`
                : `When you continue, ${r.provider} accepts the new secret only. The service must hold both before.`}
            </p>
          )}
          {now && acts.confirm && (
            <Button my={6} color="red.9" onClick={acts.confirm}>
              {valueToCome(r) ? "Switch now" : "The service holds both: switch"}
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
              {r.strategy === "overlap"
                ? `${r.provider} was read again: the old secret is gone. `
                : `${r.provider} accepts the new secret only. `}
              The evidence stands in the journal below.
            </p>
          ) : null}
          {trouble}
        </>
      )
  }
}

function deliverSentence(r: RotationDetail): string {
  if (r.strategy === "overlap")
    return "Reveal the new secret once and store it where the service reads it, or confirm that the service has it. Both secrets work meanwhile."
  return valueToCome(r)
    ? `${r.provider} chooses the new secret at the switch, so there is nothing to hand over before. Have the place ready where ${r.client} will read it.`
    : `Reveal the new secret once and store it beside the old one, or confirm that the service has it. Until the switch ${r.provider} accepts the old one only.`
}

/** Before the overlap began only our canary had it. */
const usedByService = (r: RotationDetail): boolean =>
  r.gate.new_last_seen_at !== null && r.grace_started_at !== null && r.gate.new_last_seen_at >= r.grace_started_at
