"use client"

import { SimpleGrid, Stack, Text } from "@mantine/core"
import { useQueries, useQuery } from "@tanstack/react-query"
import type { RegistryFacts } from "../../lib/registry/overview.ts"
import type { ClientListItem } from "../../lib/registry/clients/queries.ts"
import type { RotationView } from "../../lib/rotation/schema.ts"
import type { DriftWire } from "../../lib/sync/queries.ts"
import { api, type Page } from "../api.ts"
import { everySource } from "../audit/useSources.ts"
import { useProviders } from "../registry/useProviders.ts"
import { useMay } from "../shell/viewer.tsx"
import { PageHeader } from "../ui/PageHeader.tsx"
import { attention } from "./attention.ts"
import { AttentionList } from "./AttentionList.tsx"
import { DemoBar, DemoOffer, useDemo } from "./Demo.tsx"
import { FirstRun } from "./FirstRun.tsx"
import { Counts } from "./Counts.tsx"
import { TokenHealth } from "./TokenHealth.tsx"
import { Watermark } from "./Watermark.tsx"

const listMax = 100

/** What needs attention now, and token health at a glance. */
export function Overview({ facts }: { facts: RegistryFacts }) {
  const events = useMay("events:read")
  const rotates = useMay("rotations:read")
  const readsProviders = useMay("providers:read")
  const demo = useDemo()
  const providers = useProviders()
  const sources = useQuery({ ...everySource, enabled: events, refetchInterval: 10_000 })
  const rotations = useQuery({
    queryKey: ["/rotations", "due"],
    enabled: rotates,
    queryFn: ({ signal }) => api<Page<RotationView>>(`/rotations?state=due&limit=${listMax}`, { signal }),
    refetchInterval: 10_000,
  })
  const waiting = useQuery({
    queryKey: ["/clients", "unplaced"],
    queryFn: ({ signal }) => api<Page<ClientListItem>>(`/clients?state=unplaced&limit=${listMax}`, { signal }),
    refetchInterval: 15_000,
  })
  const drifts = useQueries({
    queries: providers.items.map((p) => ({
      queryKey: ["/providers", p.id, "drift"],
      enabled: readsProviders,
      queryFn: () => api<Page<DriftWire>>(`/providers/${p.id}/drift?limit=${listMax}`),
      refetchInterval: 30_000,
    })),
  })

  const found = attention({
    grantsPastEnd: facts.grants_past_end,
    grantsEnding: facts.grants_ending,
    waitingClients: waiting.data?.items.length ?? null,
    providers: providers.items,
    drift: new Map(providers.items.map((p, i) => [p.id, drifts[i]?.data?.items.length ?? 0])),
    rotations: rotations.data?.items ?? [],
    sources: sources.data?.items ?? [],
  })
  const empty = facts.clients === 0 && facts.audiences === 0
  return (
    <>
      <PageHeader title="Overview" actions={<Watermark sources={sources.data?.items} />} />
      <Stack gap="md">
        <DemoBar demo={demo} />
        {empty && !demo.state?.enabled ? (
          <FirstRun demo={demo} providers={providers.items.length} sources={sources.data?.items.length ?? 0} />
        ) : (
          <>
            <AttentionList
              items={found}
              pending={providers.pending || waiting.isPending}
              providerIds={providers.items.map((p) => p.id)}
            />
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              {events ? (
                <TokenHealth />
              ) : (
                <Text size="sm" c="dimmed">
                  Token health needs the permission <code>events:read</code>.
                </Text>
              )}
              <Counts facts={facts} providers={providers.items} sources={sources.data?.items} />
            </SimpleGrid>
            <DemoOffer demo={demo} />
          </>
        )}
      </Stack>
    </>
  )
}
