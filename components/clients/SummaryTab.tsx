"use client"

import { Alert, Anchor, Button, Code, Group, SimpleGrid, Stack, Text } from "@mantine/core"
import dynamic from "next/dynamic"
import Link from "next/link"
import { useState } from "react"
import { Scopes } from "../registry/GrantTable.tsx"
import { useMay } from "../shell/viewer.tsx"
import { Facts } from "../ui/Facts.tsx"
import { Panel } from "../ui/Panel.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { Absent, TimeText } from "../ui/TimeText.tsx"
import type { ClientParts } from "./ClientDetail.tsx"

const NewPlan = dynamic(() => import("../plans/NewPlan.tsx").then((m) => m.NewPlan), { ssr: false })

export function SummaryTab({ client, grants, placements }: ClientParts) {
  const plans = useMay("plans:write")
  const [planning, setPlanning] = useState(false)
  const waiting = placements.filter((p) => p.wanted && !p.placed)
  const ended = grants.filter((g) => g.state === "expired")
  return (
    <Stack gap="md">
      {waiting.length > 0 && client.enabled && (
        <Alert color="yellow" variant="outline" title="Not at its providers yet">
          {client.name} is wanted on {waiting.map((p) => p.provider).join(", ")}. A plan shows what would be written
          there; nothing is written before you apply it.
          {plans && (
            <div>
              <Button mt={8} size="compact-sm" variant="default" onClick={() => setPlanning(true)}>
                New plan
              </Button>
            </div>
          )}
        </Alert>
      )}
      {planning && <NewPlan first={waiting.map((p) => p.provider_id)} onClose={() => setPlanning(false)} />}
      {ended.length > 0 && (
        <Alert color="yellow" variant="outline" title="A grant is past its end">
          {ended.map((g) => g.audience).join(", ")}: the next plan takes it away at the providers. Until then they still
          allow it.
        </Alert>
      )}
      {!client.enabled && (
        <Alert color="red" variant="outline" title="Disabled">
          No new tokens once this is applied everywhere. Tokens issued before stay valid until they expire: APIs that
          verify offline accept them until then.
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Panel title="Client">
          <Facts
            items={[
              [
                "Owner",
                <Anchor
                  key="o"
                  component={Link}
                  href={`/clients?owner=${encodeURIComponent(client.owner)}`}
                  fz="inherit"
                >
                  {client.owner}
                </Anchor>,
              ],
              ["Authentication", <code key="a">{client.auth_method}</code>],
              ["Description", client.description || <Absent key="d" why="no description" />],
              [
                "Tags",
                client.tags.length === 0 ? (
                  <Absent key="t" why="no tags" />
                ) : (
                  <Group key="t" gap={4}>
                    {client.tags.map((t) => (
                      <Anchor key={t} component={Link} href={`/clients?tag=${encodeURIComponent(t)}`} fz="inherit">
                        {t}
                      </Anchor>
                    ))}
                  </Group>
                ),
              ],
              ["Registered", <TimeText key="c" at={client.created_at} />],
              ["Changed", <TimeText key="u" at={client.updated_at} />],
              ["Version", <Code key="v">{client.version}</Code>],
            ]}
          />
        </Panel>
        <Stack gap="md">
          <Panel title="May call">
            {grants.length === 0 ? (
              <Text size="sm" c="dimmed">
                Nothing: no audience is granted to it.
              </Text>
            ) : (
              <Stack gap="xs">
                {grants.map((g) => (
                  <div key={g.id}>
                    <Anchor component={Link} href={`/audiences/${g.audience_id}`} size="sm">
                      {g.audience}
                    </Anchor>{" "}
                    {g.state === "expired" && <StatusBadge tone="warn">past its end</StatusBadge>}
                    <Scopes names={g.scopes} />
                  </div>
                ))}
              </Stack>
            )}
          </Panel>
          <Panel title="Providers">
            {placements.length === 0 ? (
              <Text size="sm" c="dimmed">
                None is chosen. Edit the client to choose the providers it is wanted on.
              </Text>
            ) : (
              <Stack gap={6}>
                {placements.map((p) => (
                  <Group key={p.provider_id} justify="space-between">
                    <Text size="sm">
                      {p.provider}{" "}
                      <Text span size="xs" c="dimmed">
                        {p.environment}
                      </Text>
                    </Text>
                    <PlacementState placement={p} />
                  </Group>
                ))}
              </Stack>
            )}
          </Panel>
        </Stack>
      </SimpleGrid>
    </Stack>
  )
}

export function PlacementState({ placement }: { placement: ClientParts["placements"][number] }) {
  if (placement.wanted && placement.placed) return <StatusBadge tone="pass">is there</StatusBadge>
  return placement.wanted ? (
    <StatusBadge tone="warn">waiting for an apply</StatusBadge>
  ) : (
    <StatusBadge tone="warn">to be removed</StatusBadge>
  )
}
