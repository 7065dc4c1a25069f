"use client"

import { Alert, Checkbox, Stack, Text } from "@mantine/core"
import { useState } from "react"
import type { ChangeWire, PlanWire } from "../../lib/sync/schema.ts"
import { ApiError } from "../api.ts"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import classes from "./plans.module.css"
import { blastOf, keyEnds, projectionOf } from "./shape.ts"

interface Props {
  readonly plan: PlanWire
  readonly nameOf: (providerId: string) => string
  readonly busy: boolean
  readonly error: unknown
  readonly onClose: () => void
  readonly onApply: (body: { confirm: string[]; beyond_limit?: boolean }) => void
}

/** What cannot be undone needs a typed name; each grant that gives more than was asked for needs a yes of its own. */
export function ApplyDialog({ plan, nameOf, busy, error, onClose, onApply }: Props) {
  const [beyond, setBeyond] = useState(false)
  const [agreed, setAgreed] = useState<ReadonlySet<string>>(new Set())
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
      {...(deletes.length > 0 ? { typed: only === undefined ? "apply" : nameOf(only) } : {})}
      danger={deletes.length > 0}
      answered={widened.every((c) => agreed.has(c.id)) && (!blast || beyond)}
      busy={busy}
      error={blast || needsYes(error) ? null : error}
      onConfirm={() => onApply({ confirm: asked.map((c) => c.id), ...(beyond ? { beyond_limit: true } : {}) })}
    >
      {deletes.length > 0 && <Deletes deletes={deletes} limit={plan.deletes_limit} nameOf={nameOf} />}
      {widened.length > 0 && (
        <>
          <Text size="sm" fw={600} c="var(--warn)">
            {widened.length === 1
              ? "One grant allows more than the registry says"
              : `${widened.length} grants allow more than the registry says`}
          </Text>
          <Stack gap="xs" className={classes.asked} tabIndex={0} role="group" aria-label="Widened grants">
            {widened.map((c) => (
              <Checkbox
                key={c.id}
                size="xs"
                label={`Yes: ${label(c.kind, c.key)} on ${nameOf(c.provider_id)}`}
                description={projectionOf(c)?.why}
                checked={agreed.has(c.id)}
                onChange={(e) => {
                  const { checked } = e.currentTarget
                  setAgreed((now) => new Set(checked ? [...now, c.id] : [...now].filter((id) => id !== c.id)))
                }}
              />
            ))}
          </Stack>
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

function Deletes({
  deletes,
  limit,
  nameOf,
}: {
  deletes: readonly ChangeWire[]
  limit: number
  nameOf: (providerId: string) => string
}) {
  return (
    <>
      <Text size="sm" fw={600} c="var(--fail)">
        {blastOf(deletes, limit)}
      </Text>
      <ul className={classes.listed} tabIndex={0} aria-label="Deleted objects">
        {deletes.map((c) => (
          <li key={c.id}>
            {label(c.kind, c.key)} <span className={classes.kind}>on {nameOf(c.provider_id)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}

/** The refusals that this dialog itself answers. */
const needsYes = (error: unknown): boolean => error instanceof ApiError && error.code === "confirmation_needed"

function label(kind: string, key: string): string {
  const { client, audience } = keyEnds(kind, key)
  return kind === "grant" ? `grant of ${client} on ${audience}` : `${kind} ${key}`
}
