"use client"

import { Button, Stack } from "@mantine/core"
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query"
import { parseAsString, useQueryState } from "nuqs"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import type { ImportWire } from "../../lib/sync/import.ts"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Panel } from "../ui/Panel.tsx"
import { ImportFound } from "./ImportFound.tsx"

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
        <ImportFound key={found.data.id} provider={provider} result={found.data} again={start} writes={writes} />
      )}
    </Stack>
  )
}
