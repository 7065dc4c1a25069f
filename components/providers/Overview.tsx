"use client"

import { Button, Group, Stack, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import type { Check } from "../../lib/connectors/port.ts"
import type { ProviderWire } from "../../lib/providers/schema.ts"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { Copy } from "../ui/Copy.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Facts } from "../ui/Facts.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { duration } from "../ui/time.ts"
import { Absent, TimeText, useNow } from "../ui/TimeText.tsx"
import { BundleFile } from "./BundleFile.tsx"
import { Checks } from "./Checks.tsx"
import { DriftCount } from "./ProviderList.tsx"
import { ProviderStatus } from "./ProviderStatus.tsx"

export function Overview({ provider }: { provider: ProviderWire }) {
  const tests = useMay("plans:write")
  const now = useNow()
  return (
    <Stack gap="md">
      <Panel title="Health">
        <Facts
          items={[
            [
              "Status",
              <Group key="s" gap={8}>
                <ProviderStatus provider={provider} />
                {provider.status_why && (
                  <Text span size="sm">
                    {provider.status_why}
                  </Text>
                )}
              </Group>,
            ],
            [
              "Answers in",
              provider.latency_ms === null ? <Absent key="l" why="not measured" /> : duration(provider.latency_ms),
            ],
            ["Last checked", <TimeText key="c" at={provider.checked_at} absent="never checked" />],
            ["Last good read", <TimeText key="r" at={provider.last_read_at} absent="never read" />],
            ["Next read", <TimeText key="x" at={provider.next_read_at} absent="at the next look at the schedule" />],
            ...(provider.retry_at !== null && Date.parse(provider.retry_at) > now
              ? [
                  [
                    "Left alone until",
                    <Group key="w" gap={8}>
                      <TimeText at={provider.retry_at} />
                      <Text span size="sm">
                        It asked Grantry to slow down; nobody calls it before then.
                      </Text>
                    </Group>,
                  ] as const,
                ]
              : []),
            ...(provider.last_read_error
              ? [
                  [
                    "Last read failed",
                    <Text key="e" span size="sm" c="var(--fail)">
                      {provider.last_read_error} What stands here is from the last good read.
                    </Text>,
                  ] as const,
                ]
              : []),
            ["Drift", <DriftCount key="d" provider={provider} />],
          ]}
        />
      </Panel>
      <Panel title="Endpoints">
        <Facts
          items={[
            ["Issuer", <Endpoint key="i" url={provider.issuer} label="issuer" />],
            ["Token endpoint", <Endpoint key="t" url={provider.token_endpoint} label="token endpoint" />],
            ["Key set", <Endpoint key="k" url={provider.jwks_uri} label="key set address" />],
            [
              "Introspection",
              provider.introspection_endpoint ? (
                <Endpoint key="n" url={provider.introspection_endpoint} label="introspection endpoint" />
              ) : (
                <Absent key="n" why="not reported by this provider" />
              ),
            ],
          ]}
        />
      </Panel>
      {provider.kind === "openiddict" && <BundleFile provider={provider} />}
      {tests && <TestConnection provider={provider} />}
    </Stack>
  )
}

const Endpoint = ({ url, label }: { url: string; label: string }) => (
  <Group gap={4} wrap="nowrap">
    <code style={{ overflowWrap: "anywhere" }}>{url}</code>
    <Copy value={url} label={label} />
  </Group>
)

function TestConnection({ provider }: { provider: ProviderWire }) {
  const test = useMutation({
    mutationFn: () =>
      api<{ ok: boolean; checks: readonly Check[] }>(`/providers/${provider.id}/test`, { method: "POST" }),
  })
  return (
    <Panel
      flush
      title="Connection test"
      actions={
        <Group gap="sm">
          {test.data && (
            <StatusBadge tone={test.data.ok ? "pass" : "fail"}>
              {test.data.ok ? "every check passed or warned" : "a check failed"}
            </StatusBadge>
          )}
          <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            Test connection
          </Button>
        </Group>
      }
    >
      <div role="status" aria-live="polite">
        {test.error ? (
          <ErrorPanel error={test.error} />
        ) : test.data ? (
          <Checks checks={test.data.checks} />
        ) : (
          <Text size="sm" c="dimmed" p="sm">
            Calls {provider.name} now, and names each permission that is missing. It writes nothing.
          </Text>
        )}
      </div>
    </Panel>
  )
}
