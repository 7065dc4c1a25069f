"use client"

import { Alert, Checkbox, Text } from "@mantine/core"
import { useState } from "react"
import type { PlanWire } from "../../lib/sync/schema.ts"
import { ApiError } from "../api.ts"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import classes from "./plans.module.css"
import { keyEnds, projectionOf } from "./shape.ts"

interface Props {
  readonly plan: PlanWire
  readonly nameOf: (providerId: string) => string
  readonly busy: boolean
  readonly error: unknown
  readonly onClose: () => void
  readonly onApply: (body: { confirm: string[]; beyond_limit?: boolean }) => void
}

/** Lists what cannot be undone or gives more than was asked for; a typed yes names exactly these changes. */
export function ApplyDialog({ plan, nameOf, busy, error, onClose, onApply }: Props) {
  const [beyond, setBeyond] = useState(false)
  const asked = plan.changes.filter((c) => c.needs_confirmation)
  const deletes = asked.filter((c) => c.verb === "delete")
  const widened = asked.filter((c) => projectionOf(c)?.is === "widened")
  const blast = error instanceof ApiError && error.code === "blast_radius" ? error : null
  const only = plan.provider_ids.length === 1 ? plan.provider_ids[0] : undefined
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Apply to ${plan.provider_ids.map(nameOf).join(", ")}`}
      verb="Apply"
      typed={only === undefined ? "apply" : nameOf(only)}
      busy={busy}
      error={blast || needsYes(error) ? null : error}
      onConfirm={() => onApply({ confirm: asked.map((c) => c.id), ...(beyond ? { beyond_limit: true } : {}) })}
    >
      {deletes.length > 0 && (
        <>
          <Text size="sm" fw={600} c="var(--fail)">
            {deletes.length === 1 ? "One object is deleted" : `${deletes.length} objects are deleted`}; one run here may
            delete {plan.deletes_limit}
          </Text>
          <ul className={classes.listed} tabIndex={0} aria-label="Deleted objects">
            {deletes.map((c) => (
              <li key={c.id}>
                {label(c.kind, c.key)} <span className={classes.kind}>on {nameOf(c.provider_id)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {widened.length > 0 && (
        <>
          <Text size="sm" fw={600} c="var(--warn)">
            {widened.length === 1
              ? "One grant allows more than the registry says"
              : `${widened.length} grants allow more than the registry says`}
          </Text>
          <ul className={classes.listed} tabIndex={0} aria-label="Widened grants">
            {widened.map((c) => (
              <li key={c.id}>
                {label(c.kind, c.key)} <span className={classes.kind}>on {nameOf(c.provider_id)}</span>
                <br />
                {projectionOf(c)?.why}
              </li>
            ))}
          </ul>
        </>
      )}
      {blast && (
        <Alert color="red" variant="outline" title="More deletes than one run may make" mb="sm">
          {blast.message}
          <Checkbox
            mt="xs"
            label="That is meant: go beyond the limit this time"
            checked={beyond}
            onChange={(e) => setBeyond(e.currentTarget.checked)}
          />
        </Alert>
      )}
    </ConfirmDialog>
  )
}

/** The refusals that this dialog itself answers. */
const needsYes = (error: unknown): boolean => error instanceof ApiError && error.code === "confirmation_needed"

function label(kind: string, key: string): string {
  const { client, audience } = keyEnds(kind, key)
  return kind === "grant" ? `grant of ${client} on ${audience}` : `${kind} ${key}`
}
