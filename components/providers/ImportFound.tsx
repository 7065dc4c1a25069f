"use client"

import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import Link from "next/link"
import { useState, type ReactNode } from "react"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { FoundWire, ImportWire } from "../../lib/sync/import.ts"
import { api } from "../api.ts"
import { useMakePlan } from "../plans/usePlan.ts"
import { useMay } from "../shell/viewer.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { FormErrors } from "../ui/FormErrors.tsx"
import { Panel } from "../ui/Panel.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { bringsOf, idOfFound } from "./brings.ts"
import { FoundTable } from "./FoundTable.tsx"

const rowsAtOnce = 200

/** What was found, to choose from; nothing was written. Adopting takes the choice over as it is. */
export function ImportFound({
  provider,
  result,
  again,
  writes,
}: {
  provider: ProviderWire
  result: ImportWire
  again: ReactNode
  writes: boolean
}) {
  const queries = useQueryClient()
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set())
  const [text, setText] = useState("")
  const [shown, setShown] = useState(rowsAtOnce)
  const make = useMakePlan()
  const plans = useMay("plans:write")
  const clients = result.found.filter((f) => f.kind === "client").length
  const audiences = result.found.length - clients
  const adopt = useMutation({
    mutationFn: () =>
      api<ImportWire & { newly_adopted: readonly string[] }>(`/imports/${result.id}/adopt`, {
        method: "POST",
        body: { keys: [...new Set(result.found.filter((f) => picked.has(idOfFound(f))).map((f) => f.key))] },
      }),
    onSuccess: (after) => {
      queries.setQueryData(["/imports", result.id], after)
      setPicked(new Set())
      void queries.invalidateQueries({ queryKey: ["/clients"] })
    },
  })
  const fits = result.found.filter((f) => f.key.toLowerCase().includes(text.trim().toLowerCase()))
  const rows = fits.slice(0, shown)
  const all = fits.length > 0 && fits.every((f) => picked.has(idOfFound(f)))
  const toggle = (f: FoundWire, on: boolean) => {
    const next = new Set(picked)
    if (on) next.add(idOfFound(f))
    else next.delete(idOfFound(f))
    setPicked(next)
  }
  const toggleAll = (on: boolean) =>
    setPicked(
      on
        ? new Set([...picked, ...fits.map(idOfFound)])
        : new Set([...picked].filter((id) => !fits.some((f) => idOfFound(f) === id))),
    )
  return (
    <>
      {adopt.data && (
        <Alert
          variant="outline"
          color="teal"
          title={`${adopt.data.newly_adopted.length} ${adopt.data.newly_adopted.length === 1 ? "object is" : "objects are"} adopted`}
          role="status"
        >
          <Text size="sm">
            They stand in the registry as they stand on {provider.name}, and nothing was written there. The first plan
            after it is empty. Grantry never deletes what it adopted.
          </Text>
          {plans && (
            <Button
              mt="xs"
              variant="default"
              loading={make.isPending}
              onClick={() =>
                make.mutate({ provider_ids: [provider.id], purpose: `After the import from ${provider.name}` })
              }
            >
              Plan, to see it
            </Button>
          )}
        </Alert>
      )}
      <Panel
        flush
        title={`Found ${count(clients, "client")} and ${count(audiences, "API")} not managed here; nothing was written`}
        actions={again}
      >
        {result.found.length === 0 ? (
          <EmptyState title="Everything there is managed here">
            Every client and API that {provider.name} holds stands in the registry.
          </EmptyState>
        ) : (
          <>
            <Group p="sm" justify="space-between">
              <TextInput
                size="xs"
                w={260}
                aria-label="Filter what was found"
                placeholder="Filter by name"
                value={text}
                onChange={(e) => setText(e.currentTarget.value)}
              />
              <Text size="xs" c="dimmed">
                Read <TimeText at={result.created_at} /> by {result.created_by}
              </Text>
            </Group>
            <FoundTable
              rows={rows}
              picked={picked}
              all={all}
              of={fits.length}
              writes={writes}
              toggle={toggle}
              toggleAll={toggleAll}
            />
            {fits.length > shown && (
              <Group justify="center" p="xs">
                <Button variant="default" onClick={() => setShown(shown + rowsAtOnce)}>
                  Show more of {fits.length}
                </Button>
              </Group>
            )}
            <Stack p="sm" gap="xs">
              <FormErrors error={adopt.error} fields={[]} />
              <Group justify="space-between">
                <Text size="xs" c="dimmed" aria-live="polite" maw={560}>
                  {picked.size > 0
                    ? bringsOf(result.found, picked)
                    : "A client brings its grants, and the APIs that they are on."}{" "}
                  <Text component={Link} href="/clients" fz="inherit" c="inherit">
                    Clients
                  </Text>{" "}
                  with owners can be edited afterwards.
                </Text>
                {writes && (
                  <Button disabled={picked.size === 0} loading={adopt.isPending} onClick={() => adopt.mutate()}>
                    Adopt {picked.size === 0 ? "" : picked.size}
                  </Button>
                )}
              </Group>
            </Stack>
          </>
        )}
      </Panel>
    </>
  )
}

const count = (n: number, word: string): string => `${n} ${n === 1 ? word : `${word}s`}`
