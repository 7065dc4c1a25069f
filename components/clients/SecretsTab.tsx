"use client"

import { Button, Checkbox, Code, Group, Stack, Text } from "@mantine/core"
import { IconEye, IconRefresh } from "@tabler/icons-react"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { useState } from "react"
import type { ClientView } from "../../lib/registry/schema.ts"
import type { SecretWire } from "../../lib/secrets/queries.ts"
import { api, queryString, type Page } from "../api.ts"
import { useProviders } from "../registry/useProviders.ts"
import { useMay } from "../shell/viewer.tsx"
import { DataTable } from "../ui/DataTable.tsx"
import { EmptyState } from "../ui/EmptyState.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge, type Tone } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"

const Reveal = dynamic(() => import("./Reveal.tsx").then((m) => m.Reveal), { ssr: false })
const StartRotation = dynamic(() => import("../rotations/StartRotation.tsx").then((m) => m.StartRotation), {
  ssr: false,
})

const tones: Readonly<Record<string, Tone>> = { pending: "info", live: "pass", retiring: "warn", retired: "quiet" }
const meanings: Readonly<Record<string, string>> = {
  pending: "Made; no token was fetched with it yet",
  live: "A token was fetched with it",
  retiring: "A newer one is live; this one ends when the rotation shows that it is unused",
  retired: "Ended at the provider",
}

export function SecretsTab({ client }: { client: ClientView }) {
  const providers = useProviders()
  const reveals = useMay("secrets:reveal")
  const rotates = useMay("rotations:write")
  const [all, setAll] = useState(false)
  const [shown, setShown] = useState<SecretWire | null>(null)
  const [rotating, setRotating] = useState(false)
  const secrets = useQuery({
    queryKey: ["/clients", client.id, "secrets", all],
    queryFn: ({ signal }) =>
      api<Page<SecretWire>>(`/clients/${client.id}/secrets${queryString({ all: all ? 1 : null, limit: 1000 })}`, {
        signal,
      }),
    refetchInterval: (query) =>
      query.state.data?.items.some((s) => s.state === "pending" || s.state === "retiring") ? 3_000 : false,
  })
  if (client.auth_method === "private_key_jwt")
    return (
      <Panel>
        <EmptyState title="No secret needed">
          {client.name} signs an assertion with its own key. There is nothing to reveal and nothing to rotate here;
          change its public keys under Edit.
        </EmptyState>
      </Panel>
    )
  const rotate = rotates && (
    <Button variant="default" leftSection={<IconRefresh size={15} aria-hidden />} onClick={() => setRotating(true)}>
      Start rotation
    </Button>
  )
  return (
    <Stack gap="md">
      <Panel
        flush
        title="Secret versions"
        actions={
          <Group gap="sm">
            <Checkbox size="xs" label="Show retired" checked={all} onChange={(e) => setAll(e.currentTarget.checked)} />
            {(secrets.data?.items.length ?? 0) > 0 && rotate}
          </Group>
        }
      >
        <DataTable
          label="Secret versions"
          rows={secrets.data?.items}
          rowKey={(s) => s.id}
          error={secrets.error}
          retry={() => void secrets.refetch()}
          columns={[
            { key: "fingerprint", header: "Fingerprint", cell: (s) => <Code fz={12}>{s.fingerprint}</Code> },
            { key: "provider", header: "Provider", cell: (s) => providers.nameOf(s.provider_id) },
            {
              key: "state",
              header: "State",
              cell: (s) => (
                <StatusBadge tone={tones[s.state] ?? "unknown"} title={meanings[s.state]}>
                  {s.state}
                </StatusBadge>
              ),
            },
            { key: "created", header: "Created", cell: (s) => <TimeText at={s.created_at} /> },
            {
              key: "expires",
              header: "Expires",
              cell: (s) => <TimeText at={s.expires_at} absent="no end at this provider" />,
            },
            {
              key: "seen",
              header: "Last seen in use",
              cell: (s) => <TimeText at={s.last_seen_at} absent="no use by the service was reported" />,
            },
            {
              key: "act",
              header: "Value",
              align: "right",
              cell: (s) => {
                if (s.revealable && reveals)
                  return (
                    <Button
                      variant="default"
                      size="compact-xs"
                      leftSection={<IconEye size={14} aria-hidden />}
                      onClick={() => setShown(s)}
                    >
                      Reveal once
                    </Button>
                  )
                if (s.revealed_at)
                  return (
                    <Text span size="xs" c="dimmed">
                      revealed <TimeText at={s.revealed_at} withRelative={false} />
                    </Text>
                  )
                return (
                  <Text span size="xs" c="dimmed">
                    {s.revealable ? "not revealed yet" : "not held here"}
                  </Text>
                )
              },
            },
          ]}
          empty={
            <EmptyState title="No secret yet">
              Apply makes the first secret of {client.name} at each provider, checks it with a real token, and keeps it
              sealed until somebody reveals it once.
            </EmptyState>
          }
        />
      </Panel>
      <Text size="xs" c="dimmed">
        Only fingerprints and dates are kept in view. A value is shown once and never again, to nobody and over no API.
      </Text>
      {shown && (
        <Reveal
          client={client}
          secret={shown}
          onClose={() => {
            setShown(null)
            void secrets.refetch()
          }}
        />
      )}
      {rotating && <StartRotation client={client} onClose={() => setRotating(false)} />}
    </Stack>
  )
}
