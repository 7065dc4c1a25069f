"use client"

import { Alert, Button, Checkbox, Code, Group, Stack, Table, Text, TextInput } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import Link from "next/link"
import { parseAsString, useQueryState } from "nuqs"
import { useState, type ReactNode } from "react"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { FoundWire, ImportWire } from "../../lib/sync/import.ts"
import { api } from "../api.ts"
import { useMakePlan } from "../plans/usePlan.ts"
import { useMay } from "../shell/viewer.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { FormErrors } from "../ui/FormErrors.tsx"
import { Panel } from "../ui/Panel.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import classes from "./providers.module.css"

const rowsAtOnce = 200
const idOf = (f: FoundWire): string => `${f.kind} ${f.key}`

/** Three steps: look (read only), choose, adopt. Which import is open stands in the URL. */
export function ImportWizard({ provider }: { provider: ProviderWire }) {
  const [id, setId] = useQueryState("import", parseAsString)
  const queries = useQueryClient()
  const writes = useMay("providers:write")
  const look = useMutation({
    mutationFn: () => api<ImportWire>(`/providers/${provider.id}/import`, { method: "POST" }),
    onSuccess: (found) => {
      queries.setQueryData(["/imports", found.id], found)
      void setId(found.id)
    },
  })
  const found = useQuery({
    queryKey: ["/imports", id],
    enabled: id !== null,
    staleTime: Infinity,
    queryFn: ({ signal }) => api<ImportWire>(`/imports/${id}`, { signal }),
  })
  const start = writes && (
    <Button variant={id === null ? "filled" : "default"} loading={look.isPending} onClick={() => look.mutate()}>
      {id === null ? "Look what is there" : "Look again"}
    </Button>
  )
  return (
    <Stack gap="md">
      {look.error && <ErrorPanel error={look.error} retry={() => look.mutate()} />}
      {found.error && <ErrorPanel error={found.error} />}
      {id === null || !found.data ? (
        <Panel>
          <EmptyState title={`Import from ${provider.name}`} action={start}>
            Reads every client and API that {provider.name} holds. Nothing is written there or here. Then you choose
            what Grantry takes over, as it is: the first plan after it is empty.
            {!writes && (
              <>
                {" "}
                Importing needs the permission <code>providers:write</code>.
              </>
            )}
          </EmptyState>
        </Panel>
      ) : (
        <Found key={found.data.id} provider={provider} result={found.data} again={start} writes={writes} />
      )}
    </Stack>
  )
}

function Found({
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
        body: { keys: [...new Set(result.found.filter((f) => picked.has(idOf(f))).map((f) => f.key))] },
      }),
    onSuccess: (after) => {
      queries.setQueryData(["/imports", result.id], after)
      setPicked(new Set())
      void queries.invalidateQueries({ queryKey: ["/clients"] })
    },
  })
  const fits = result.found.filter((f) => f.key.toLowerCase().includes(text.trim().toLowerCase()))
  const rows = fits.slice(0, shown)
  const all = fits.length > 0 && fits.every((f) => picked.has(idOf(f)))
  const toggle = (f: FoundWire, on: boolean) => {
    const next = new Set(picked)
    if (on) next.add(idOf(f))
    else next.delete(idOf(f))
    setPicked(next)
  }
  const toggleAll = (on: boolean) =>
    setPicked(
      on
        ? new Set([...picked, ...fits.map(idOf)])
        : new Set([...picked].filter((id) => !fits.some((f) => idOf(f) === id))),
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
            <div className={classes.found} tabIndex={0} role="region" aria-label="Found objects">
              <Table aria-label="Found on the provider" fz="sm" verticalSpacing={5}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th w={40}>
                      <Checkbox
                        aria-label={`Choose all ${fits.length}`}
                        size="xs"
                        checked={all}
                        indeterminate={!all && picked.size > 0}
                        onChange={(e) => toggleAll(e.currentTarget.checked)}
                        disabled={!writes}
                      />
                    </Table.Th>
                    <Table.Th scope="col">Name</Table.Th>
                    <Table.Th scope="col">Kind</Table.Th>
                    <Table.Th scope="col">Grants</Table.Th>
                    <Table.Th scope="col">Id at the provider</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {rows.map((f) => (
                    <Table.Tr key={idOf(f)}>
                      <Table.Td>
                        <Checkbox
                          size="xs"
                          aria-label={`Choose ${f.kind} ${f.key}`}
                          checked={picked.has(idOf(f))}
                          onChange={(e) => toggle(f, e.currentTarget.checked)}
                          disabled={!writes}
                        />
                      </Table.Td>
                      <Table.Td style={{ overflowWrap: "anywhere" }}>{f.key}</Table.Td>
                      <Table.Td>{f.kind === "audience" ? "API" : f.kind}</Table.Td>
                      <Table.Td>
                        {f.grants.length === 0 ? (
                          <Text span c="dimmed" fz="inherit">
                            none
                          </Text>
                        ) : (
                          f.grants.map((g) => (
                            <div key={`${g.client} ${g.audience}`}>
                              {f.kind === "client" ? g.audience : g.client}:{" "}
                              <Code fz={11}>{g.scopes.join(" ") || "no scopes"}</Code>
                            </div>
                          ))
                        )}
                      </Table.Td>
                      <Table.Td>
                        <Code fz={11}>{f.remote_id}</Code>
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </div>
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
                <Text size="xs" c="dimmed">
                  A client brings its grants, and the APIs that they are on.{" "}
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
