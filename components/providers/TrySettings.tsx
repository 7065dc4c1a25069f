"use client"

import { Button, Group, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import type { TestedWire } from "../../lib/providers/queries.ts"
import type { TrialInput } from "../../lib/providers/try.ts"
import { api } from "../api.ts"
import { FormErrors } from "../ui/FormErrors.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { Checks } from "./Checks.tsx"
import classes from "./providers.module.css"

/** Settings tried before they are saved, with what was tried, so that an answer never stands beside other settings. */
export const useTrial = () =>
  useMutation({
    gcTime: 0,
    mutationFn: (input: TrialInput) => api<TestedWire>("/providers/test", { method: "POST", body: input }),
  })
export type Trial = ReturnType<typeof useTrial>

/** What a trial found: each missing right by its name, with the sentence that mends it. */
export function TrialResult({
  trial,
  now,
  fields,
}: {
  trial: Trial
  /** What stands in the form now. */
  now: TrialInput
  /** Paths whose refusals stand beside their fields. */
  fields: readonly string[]
}) {
  const moved = trial.variables !== undefined && JSON.stringify(trial.variables) !== JSON.stringify(now)
  return (
    <div role="status" aria-live="polite">
      <FormErrors error={trial.error} fields={fields} />
      {trial.data && (
        <section className={classes.trial} aria-label="Connection test">
          <Group justify="space-between" px={14} py={8}>
            <Text size="sm" fw={500}>
              Connection test
            </Text>
            <StatusBadge tone={moved ? "unknown" : trial.data.ok ? "pass" : "fail"}>
              {moved ? "of other settings" : trial.data.ok ? "every check passed or warned" : "a check failed"}
            </StatusBadge>
          </Group>
          <Checks checks={trial.data.checks} />
        </section>
      )}
    </div>
  )
}

export const TryButton = ({ trial, input }: { trial: Trial; input: TrialInput }) => (
  <Button variant="default" loading={trial.isPending} onClick={() => trial.mutate(input)}>
    Test connection
  </Button>
)
