"use client"

import { Alert, Button, Group, Radio, Stack, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { RotationView } from "../../lib/rotation/schema.ts"
import { api, ApiError } from "../api.ts"
import { useProviders } from "../registry/useProviders.ts"
import { Choice } from "../ui/Choice.tsx"
import { FormErrors } from "../ui/FormErrors.tsx"
import { Modal } from "../ui/Modal.tsx"
import { said } from "../ui/notify.tsx"

/** How long both secrets stay accepted after delivery, in seconds; null: the longest token life of the client's audiences, and a minute. */
const presets = [
  {
    value: "default",
    seconds: null,
    label: "As long as a cached token lives",
    when: "Every instance fetches a token with the new secret within that time.",
  },
  {
    value: "0",
    seconds: 0,
    label: "Now",
    when: "Only if every instance holds the new secret already: one that still holds the old one gets no token from then on.",
  },
  { value: "3600", seconds: 3_600, label: "1 hour", when: "Services that read their secret at once." },
  { value: "86400", seconds: 86_400, label: "24 hours", when: "Services that take it over with a daily deployment." },
  { value: "604800", seconds: 604_800, label: "7 days", when: "Several teams, or weekly jobs, share the client." },
] as const

/** Starts a rotation on one provider. Where the old secret dies with the new one, the server says for how long, and asks. */
export function StartRotation({
  client,
  onClose,
}: {
  client: { readonly id: string; readonly name: string; readonly provider_ids: readonly string[] }
  onClose: () => void
}) {
  const router = useRouter()
  const providers = useProviders()
  const own = providers.items.filter((p) => client.provider_ids.includes(p.id))
  const [picked, setPicked] = useState<string | null>(null)
  const [overlap, setOverlap] = useState<string>("default")
  const providerId = picked ?? own[0]?.id ?? null
  const seconds = presets.find((p) => p.value === overlap)?.seconds ?? null
  const start = useMutation({
    mutationFn: (confirm: boolean) =>
      api<RotationView>(`/clients/${client.id}/rotations`, {
        method: "POST",
        body: {
          provider_id: providerId,
          ...(confirm ? { confirm: true } : {}),
          ...(seconds === null ? {} : { grace_seconds: seconds }),
        },
      }),
    onSuccess: (rotation) => {
      said(`The rotation of ${client.name} on ${rotation.provider} has started.`)
      router.push(`/rotations/${rotation.id}`)
    },
  })
  const downtime =
    start.error instanceof ApiError && start.error.code === "downtime_confirmation_needed" ? start.error : null
  return (
    <Modal opened onClose={onClose} title={`Rotate the secret of ${client.name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          start.mutate(downtime !== null)
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            {downtime
              ? "Old and new secret do not overlap on this provider. The switch is a step of its own: nothing ends before you confirm it."
              : "A new secret is issued, proven with a real token, handed over once, and watched. The old one ends only when the log shows that it is no longer in use."}
          </Text>
          <Choice
            label="Provider"
            data={own.map((p) => ({ value: p.id, label: `${p.name} (${p.environment})` }))}
            value={providerId}
            onChange={(id) => {
              setPicked(id)
              start.reset()
            }}
          />
          {!providers.pending && own.length === 0 && (
            <Text size="sm" c="dimmed">
              {client.name} is wanted on no provider, so it has no secret to rotate.
            </Text>
          )}
          {downtime ? (
            <Alert color="red" variant="outline" title="The old secret stops working">
              {downtime.message}
            </Alert>
          ) : (
            <>
              <Radio.Group
                label="Overlap after delivery"
                description="How long the old secret must stay unused before it may end. It can be extended later."
                value={overlap}
                onChange={setOverlap}
              >
                <Stack gap={6} mt={6}>
                  {presets.map((p) => (
                    <Radio key={p.value} size="xs" value={p.value} label={p.label} description={p.when} />
                  ))}
                </Stack>
              </Radio.Group>
              <FormErrors error={start.error} fields={[]} />
            </>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              color={downtime ? "red.9" : "petrol"}
              loading={start.isPending}
              disabled={providerId === null}
            >
              {downtime ? "Start with downtime" : "Start rotation"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
