"use client"

import { isObject } from "../../lib/base/json.ts"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"

/** Secrets that live at the provider and are not ours. */
export function Foreign({ rotation }: { rotation: RotationDetail }) {
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

/** Who handed the new secret over, how and when. */
export function Delivered({ rotation }: { rotation: RotationDetail }) {
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

/** The named person who let the old secret go without evidence, and why. */
export function Override({ rotation }: { rotation: RotationDetail }) {
  const o = rotation.override
  if (!isObject(o) || typeof o.reason !== "string") return null
  return (
    <p>
      <StatusBadge tone="warn">override</StatusBadge> by {typeof o.by === "string" ? o.by : "somebody"}: {o.reason}
    </p>
  )
}

/** The last failed attempt of the present step. */
export function Trouble({ rotation }: { rotation: RotationDetail }) {
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
