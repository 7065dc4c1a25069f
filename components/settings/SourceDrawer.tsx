"use client"

import { Button, Group, List, Stack, Text } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { ApiTokenView } from "../../lib/auth/api-tokens.ts"
import type { SourceView } from "../../lib/events/source-view.ts"
import { api } from "../api.ts"
import { useMay } from "../shell/viewer.tsx"
import { CodeBlock } from "../ui/CodeBlock.tsx"
import { Drawer } from "../ui/Drawer.tsx"
import { Facts } from "../ui/Facts.tsx"
import { LinkButton } from "../ui/LinkButton.tsx"
import { said, saidError } from "../ui/notify.tsx"
import { StatusBadge } from "../ui/StatusBadge.tsx"
import { TimeText } from "../ui/TimeText.tsx"
import { duration } from "../ui/time.ts"
import { ShownOnce } from "./ShownOnce.tsx"
import { SourceForm } from "./SourceForm.tsx"
import { SourceLog } from "./SourceLog.tsx"
import { sourceWords } from "./sourceWords.ts"

const sample = (url: string, token: string): string =>
  `curl --fail-with-body '${url}/api/v1/events' \\
  --header "Authorization: Bearer ${token}" \\
  --header 'Content-Type: application/x-ndjson' \\
  --data-binary '{"event":"token_validated","client_id":"order-service","audience":"https://payment-service.internal","scopes":["payments:write"],"validation_result":"success","resource":"POST /api/payments/charge","duration_ms":5}'
`

/** One source: how to send to it, whether it is heard, and how complete it is. */
export function SourceDrawer({
  source,
  publicUrl,
  onClose,
  onRemove,
}: {
  source: SourceView | null
  publicUrl: string
  onClose: () => void
  onRemove: (source: SourceView) => void
}) {
  return (
    <Drawer opened={source !== null} onClose={onClose} title={source?.name ?? ""}>
      {source && <Body source={source} publicUrl={publicUrl} onRemove={onRemove} />}
    </Drawer>
  )
}

function Body({
  source,
  publicUrl,
  onRemove,
}: {
  source: SourceView
  publicUrl: string
  onRemove: (source: SourceView) => void
}) {
  const queries = useQueryClient()
  const writes = useMay("settings:write")
  const [token, setToken] = useState<string | null>(null)
  const [editing, setEditing] = useState(false)
  const refresh = () => queries.invalidateQueries({ queryKey: ["/sources"] })
  const make = useMutation({
    gcTime: 0,
    mutationFn: () =>
      api<ApiTokenView & { token: string }>(`/sources/${source.id}/tokens`, { method: "POST", body: {} }),
    onSuccess: (t) => setToken(t.token),
    onError: saidError,
  })
  const toggle = useMutation({
    mutationFn: () =>
      api<SourceView>(`/sources/${source.id}`, {
        method: "PATCH",
        version: source.version,
        body: { enabled: !source.enabled },
      }),
    onSuccess: async (s) => {
      said(
        s.kind === "provider"
          ? `The log of ${s.name} is ${s.enabled ? "read again" : "not read any more"}.`
          : s.enabled
            ? `${s.name} may send again.`
            : `What ${s.name} sends is refused from now on.`,
      )
      await refresh()
    },
    onError: saidError,
  })
  const word = sourceWords[source.state]
  return (
    <Stack gap="md">
      <div aria-live="polite">
        <StatusBadge tone={word.tone}>{word.word}</StatusBadge>{" "}
        <Text span size="sm" c="dimmed">
          {word.means}
        </Text>
      </div>
      {source.kind === "push" && (
        <Stack gap="xs">
          <Text size="sm">
            Send one JSON line per token that was issued or validated. An answer of 200 means that it is committed; a
            line that is sent again is counted once.
          </Text>
          {writes && (
            <div>
              <Button loading={make.isPending} onClick={() => make.mutate()}>
                Make a token for this source
              </Button>
            </div>
          )}
          <Text size="xs" c="dimmed">
            The token is shown once. Put it where <code>$GRANTRY_EVENTS_TOKEN</code> stands:
          </Text>
          <CodeBlock code={sample(publicUrl, "$GRANTRY_EVENTS_TOKEN")} label="curl line" />
        </Stack>
      )}
      {source.kind === "provider" && <SourceLog sourceId={source.id} />}
      <Facts
        items={[
          [
            "Complete until",
            <TimeText key="c" at={source.complete_until} short={false} absent="nothing is known yet" />,
          ],
          ["Last event", <TimeText key="e" at={source.last_event_at} absent="no event yet" />],
          ["Last received", <TimeText key="r" at={source.last_received_at} absent="nothing yet" />],
          ["Last heartbeat", <TimeText key="h" at={source.heartbeat_at} absent="it sends none" />],
          [
            "Silent after",
            source.silent_after_seconds === null
              ? "no limit: not counted in the watermark"
              : duration(source.silent_after_seconds * 1_000),
          ],
          ["Made by", source.created_by],
        ]}
      />
      {source.gaps.length > 0 && (
        <div>
          <Text size="sm" fw={500}>
            Gaps
          </Text>
          <List size="sm">
            {source.gaps.map((g) => (
              <List.Item key={g.since}>
                <TimeText at={g.since} withRelative={false} /> to{" "}
                {g.until ? <TimeText at={g.until} withRelative={false} /> : "now"}:{" "}
                {g.filled ? "filled later" : "not filled"}
              </List.Item>
            ))}
          </List>
        </div>
      )}
      <Group gap="xs">
        <LinkButton variant="default" href={`/audit?source=${source.id}`}>
          Its events
        </LinkButton>
        {writes && (
          <Button variant="default" onClick={() => setEditing(true)}>
            Edit
          </Button>
        )}
        {writes && (
          <Button variant="default" loading={toggle.isPending} onClick={() => toggle.mutate()}>
            {source.enabled ? "Disable" : "Enable"}
          </Button>
        )}
        {writes && source.provider_id === null && (
          <Button variant="default" onClick={() => onRemove(source)}>
            Remove
          </Button>
        )}
      </Group>
      {editing && (
        <SourceForm
          source={source}
          onClose={() => setEditing(false)}
          onSaved={(s) => {
            setEditing(false)
            said(`${s.name} is saved.`)
            void refresh()
          }}
        />
      )}
      {token && (
        <ShownOnce title={`Token of ${source.name}`} value={token} onClose={() => setToken(null)}>
          <CodeBlock code={sample(publicUrl, token)} label="curl line with this token" />
        </ShownOnce>
      )}
    </Stack>
  )
}
