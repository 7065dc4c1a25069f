"use client"

import { Alert, Button, Group, Modal, Select, Stack, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { ClientView } from "../../lib/registry/schema.ts"
import type { RotationView } from "../../lib/rotation/schema.ts"
import { api, ApiError } from "../api.ts"
import { useProviders } from "../registry/useProviders.ts"
import { FormErrors } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"

/** Starts a rotation on one provider. Where the old secret dies with the new one, the server says for how long, and asks. */
export function StartRotation({ client, onClose }: { client: ClientView; onClose: () => void }) {
  const router = useRouter()
  const providers = useProviders()
  const own = providers.items.filter((p) => client.provider_ids.includes(p.id))
  const [picked, setPicked] = useState<string | null>(null)
  const providerId = picked ?? own[0]?.id ?? null
  const start = useMutation({
    mutationFn: (confirm: boolean) => api<RotationView>(`/clients/${client.id}/rotations`, { method: "POST", body: { provider_id: providerId, ...(confirm ? { confirm: true } : {}) } }),
    onSuccess: (rotation) => { said(`The rotation of ${client.name} on ${rotation.provider} has started.`); router.push(`/rotations/${rotation.id}`) },
  })
  const downtime = start.error instanceof ApiError && start.error.code === "downtime_confirmation_needed" ? start.error : null
  return (
    <Modal opened onClose={onClose} title={`Rotate the secret of ${client.name}`}>
      <Stack gap="sm">
        <Text size="sm">A new secret is issued, proven with a real token, handed over once, and watched. The old one ends only when the log shows that it is no longer in use.</Text>
        <Select label="Provider" allowDeselect={false} data={own.map((p) => ({ value: p.id, label: `${p.name} (${p.environment})` }))} value={providerId} onChange={(id) => { setPicked(id); start.reset() }} />
        {downtime ? <Alert color="red" variant="outline" title="The old secret stops working">{downtime.message}</Alert> : <FormErrors error={start.error} fields={[]} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>Cancel</Button>
          {downtime
            ? <Button color="red.9" loading={start.isPending} onClick={() => start.mutate(true)}>Start with downtime</Button>
            : <Button loading={start.isPending} disabled={providerId === null} onClick={() => start.mutate(false)}>Start rotation</Button>}
        </Group>
      </Stack>
    </Modal>
  )
}
