"use client"

import { Alert, Button, Checkbox, Group, Skeleton, Stack, Text } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { parseAsBoolean, useQueryState } from "nuqs"
import { useState } from "react"
import { isObject, type Json } from "../../lib/base/json.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { DriftWire } from "../../lib/sync/queries.ts"
import { api } from "../api.ts"
import { FieldDiffTable } from "../plans/FieldDiff.tsx"
import { keyEnds } from "../plans/shape.ts"
import { useMakePlan } from "../plans/usePlan.ts"
import { useMay } from "../shell/viewer.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { said, saidError } from "../ui/notify.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { IgnoreDialog } from "./IgnoreDialog.tsx"
import classes from "./providers.module.css"
import { useDrift } from "./useProvider.ts"

/** Where the provider differs from what was last applied: field by field, who and when, and the three verbs. */
export function Drift({ provider }: { provider: ProviderWire }) {
  const [all, setAll] = useQueryState("ignored", parseAsBoolean.withDefault(false))
  const drift = useDrift(provider.id, { all, every: 5_000 })
  const make = useMakePlan()
  const plans = useMay("plans:write")
  const reverting = drift.data?.items.filter((d) => d.status === "reverting").length ?? 0
  const show = (
    <Checkbox
      size="xs"
      label="Show ignored"
      checked={all}
      onChange={(e) => void setAll(e.currentTarget.checked || null)}
    />
  )
  return (
    <Stack gap="md">
      {reverting > 0 && (
        <Alert
          variant="outline"
          color="petrol"
          title={`${reverting} ${reverting === 1 ? "item is" : "items are"} marked to be reverted`}
        >
          <Text size="sm">
            Nothing was written yet. The next plan for {provider.name} holds {reverting === 1 ? "it" : "them"}.
          </Text>
          {plans && (
            <Button
              mt="xs"
              loading={make.isPending}
              onClick={() => make.mutate({ provider_ids: [provider.id], purpose: "Revert drift" })}
            >
              Plan
            </Button>
          )}
        </Alert>
      )}
      {make.error && <ErrorPanel error={make.error} title="No plan was made" />}
      <Panel flush title="Drift" actions={show}>
        {drift.error && !drift.data ? (
          <ErrorPanel error={drift.error} retry={() => void drift.refetch()} />
        ) : !drift.data ? (
          <Skeleton height={180} aria-label="Loading drift" />
        ) : drift.data.items.length === 0 ? (
          <NoDrift provider={provider} />
        ) : (
          <ul className={classes.items} aria-label="Drift">
            {drift.data.items.map((d) => (
              <Item key={d.id} item={d} provider={provider} />
            ))}
          </ul>
        )}
      </Panel>
    </Stack>
  )
}

function NoDrift({ provider }: { provider: ProviderWire }) {
  if (provider.last_read_at === null)
    return <EmptyState title="Not known yet">{provider.name} has not been read yet.</EmptyState>
  if (provider.last_read_error !== null)
    return (
      <EmptyState title="Not known">
        The last read failed: {provider.last_read_error} At the last good one, <TimeText at={provider.last_read_at} />,{" "}
        {provider.name} held what was last applied.
      </EmptyState>
    )
  return (
    <EmptyState title="No drift">
      At the last read, <TimeText at={provider.last_read_at} />, {provider.name} held what was last applied. A change
      that is made there by somebody else will stand here.
    </EmptyState>
  )
}

const tones: Readonly<Record<string, readonly [Tone, string]>> = {
  open: ["warn", "open"],
  reverting: ["info", "to be reverted"],
  ignored: ["quiet", "ignored"],
}

function Item({ item, provider }: { item: DriftWire; provider: ProviderWire }) {
  const queries = useQueryClient()
  const writes = useMay("providers:write")
  const [ignoring, setIgnoring] = useState(false)
  const again = () => queries.invalidateQueries({ queryKey: ["/providers", provider.id, "drift"] })
  const { client, audience } = keyEnds(item.kind, item.key)
  const name = item.kind === "grant" ? `grant of ${client} on ${audience}` : `${item.kind} ${item.key}`
  const decide = useMutation({
    mutationFn: (verb: "revert" | "adopt") => api(`/drift/${item.id}/${verb}`, { method: "POST", body: {} }),
    onSuccess: (_, verb) => {
      said(
        verb === "revert"
          ? `${name} is marked: the next plan reverts it.`
          : `${name}: the registry now holds what ${provider.name} has.`,
      )
      void again()
    },
    onError: saidError,
  })
  const [tone, word] = tones[item.status] ?? ["unknown", item.status]
  const fields = Array.isArray(item.fields)
    ? item.fields.flatMap((f: Json) =>
        isObject(f) && typeof f.field === "string"
          ? [{ field: f.field, from: (f.applied ?? null) as Json, to: (f.found ?? null) as Json }]
          : [],
      )
    : []
  return (
    <li className={classes.item}>
      <Group justify="space-between" wrap="wrap" gap="xs" mb={6}>
        <Group gap={8}>
          <Text fw={500} size="sm" style={{ overflowWrap: "anywhere" }}>
            {name}
          </Text>
          <StatusBadge tone={tone}>{word}</StatusBadge>
        </Group>
        {writes && (
          <Group gap={6}>
            {item.status !== "reverting" && (
              <Button
                size="compact-xs"
                variant="default"
                loading={decide.isPending && decide.variables === "revert"}
                onClick={() => decide.mutate("revert")}
                aria-label={`Revert ${name}`}
              >
                Revert
              </Button>
            )}
            <Button
              size="compact-xs"
              variant="default"
              loading={decide.isPending && decide.variables === "adopt"}
              onClick={() => decide.mutate("adopt")}
              aria-label={`Adopt ${name}`}
            >
              Adopt
            </Button>
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => setIgnoring(true)}
              aria-label={`Ignore until: ${name}`}
            >
              Ignore until
            </Button>
          </Group>
        )}
      </Group>
      <FieldDiffTable fields={fields} oldWord="Last applied" newWord={`Found on ${provider.name}`} />
      <Text size="xs" c="dimmed" mt={6}>
        <When item={item} /> Changed by: <Who actor={item.actor} />.
      </Text>
      {item.status === "ignored" && (
        <Text size="xs" c="dimmed">
          Ignored by {item.decided_by} until <TimeText at={item.ignore_until} />
          {item.reason ? `: ${item.reason}` : ""}
        </Text>
      )}
      {ignoring && (
        <IgnoreDialog
          id={item.id}
          name={name}
          onClose={() => setIgnoring(false)}
          onDone={() => {
            setIgnoring(false)
            void again()
          }}
        />
      )}
    </li>
  )
}

/** A read sees that something changed, not when: it was between the last good read before and this one. */
const When = ({ item: { at, since } }: { item: DriftWire }) =>
  since === null ? (
    <>
      Seen at the first read, <TimeText at={at} />.
    </>
  ) : (
    <>
      Came about between <TimeText at={since} short={false} withRelative={false} /> and{" "}
      <TimeText at={at} short={false} />.
    </>
  )

function Who({ actor }: { actor: Json }) {
  if (!isObject(actor)) return <>not known: this provider&apos;s log does not say</>
  const text = (v: unknown) => (typeof v === "string" ? v : null)
  return (
    <>
      {[
        text(actor.name) ?? text(actor.id),
        text(actor.client) && `with ${text(actor.client)}`,
        text(actor.realm) && `of ${text(actor.realm)}`,
      ]
        .filter(Boolean)
        .join(" ")}
    </>
  )
}
