"use client"

import { Alert, Button, Checkbox, Group, Stack, Text } from "@mantine/core"
import { IconDownload } from "@tabler/icons-react"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import type { ClientView } from "../../lib/registry/schema.ts"
import type { Revealed } from "../../lib/secrets/commands.ts"
import type { SecretWire } from "../../lib/secrets/queries.ts"
import { envFile } from "../../lib/snippets/env.ts"
import { api } from "../api.ts"
import { CodeBlock } from "../ui/CodeBlock.tsx"
import { Copy } from "../ui/Copy.tsx"
import { ErrorPanel } from "../ui/ErrorPanel.tsx"
import { Facts } from "../ui/Facts.tsx"
import { download } from "../ui/download.ts"
import { Modal } from "../ui/Modal.tsx"

/**
 * Shows a secret once. The value lives only in this component's state: it is in no URL, no query cache and no page that a
 * reload or the back button brings back. Until "I stored it" is ticked neither `Esc` nor a click outside closes the dialog.
 */
export function Reveal({
  client,
  secret,
  onClose,
}: {
  client: Pick<ClientView, "id" | "name">
  secret: Pick<SecretWire, "id" | "fingerprint">
  onClose: () => void
}) {
  const [stored, setStored] = useState(false)
  const reveal = useMutation({
    gcTime: 0,
    mutationFn: () => api<Revealed>(`/clients/${client.id}/secrets/${secret.id}/reveal`, { method: "POST" }),
  })
  const value = reveal.data
  const free = value === undefined
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Secret of ${client.name}`}
      size="lg"
      closeOnClickOutside={free}
      closeOnEscape={free}
      withCloseButton={free}
    >
      {value === undefined ? (
        <Stack gap="sm">
          <Text size="sm">
            The value of <code>{secret.fingerprint}</code> is shown to you once. After that nobody can see it again: no
            other administrator, and no API. Have the place ready where it will be stored.
          </Text>
          {reveal.error && <ErrorPanel error={reveal.error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Not now
            </Button>
            <Button onClick={() => reveal.mutate()} loading={reveal.isPending}>
              Reveal once
            </Button>
          </Group>
        </Stack>
      ) : (
        <Stack gap="sm">
          <Alert color="yellow" variant="outline" title="Shown once">
            Closing this tab before it is stored means issuing another one.
          </Alert>
          <CodeBlock code={value.client_secret} label="client secret" copy={false} />
          <Facts
            items={[
              ["client_id", <code key="c">{value.client_id}</code>],
              ["Token endpoint", <code key="t">{value.token_endpoint}</code>],
              ["Fingerprint", <code key="f">{value.fingerprint}</code>],
            ]}
          />
          <Group gap="xs">
            <Copy value={value.client_secret} label="secret" text />
            <Button
              variant="default"
              leftSection={<IconDownload size={14} aria-hidden />}
              onClick={() =>
                download(
                  `${client.name}.env`,
                  envFile({
                    clientId: value.client_id,
                    clientSecret: value.client_secret,
                    issuer: value.issuer,
                    tokenEndpoint: value.token_endpoint,
                    fingerprint: value.fingerprint,
                  }),
                )
              }
            >
              Download .env
            </Button>
          </Group>
          <Text size="xs" c="dimmed">
            A copied value stays in the clipboard of this machine until something else is copied. The service should
            echo the fingerprint as <code>secret_fingerprint</code> in its events: it proves which secret is in use.
          </Text>
          <Checkbox label="I stored it" checked={stored} onChange={(e) => setStored(e.currentTarget.checked)} />
          <Group justify="flex-end">
            <Button
              disabled={!stored}
              onClick={() => {
                reveal.reset()
                onClose()
              }}
            >
              Done
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
