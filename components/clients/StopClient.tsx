"use client"

import { useMutation } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import type { ClientView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { said } from "../ui/notify.tsx"

/** The kill switch: disables in the registry, plans and applies at once. */
export function StopClient({ client, onClose }: { client: ClientView; onClose: () => void }) {
  const router = useRouter()
  const stop = useMutation({
    mutationFn: () => api<unknown>(`/clients/${client.id}/disable`, { method: "POST" }),
    onSuccess: () => {
      said(
        `${client.name} is disabled; its providers are being told. Tokens issued before stay valid until they expire.`,
      )
      router.refresh()
      onClose()
    },
  })
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Disable ${client.name} at once`}
      verb="Disable at once"
      busy={stop.isPending}
      error={stop.error}
      onConfirm={() => stop.mutate()}
    >
      Every provider where it stands is told now, without a review. It gets no new token from then on. Tokens that were
      issued before stay valid until they expire: APIs that verify offline accept them until then. Enabling it again is
      one click.
    </ConfirmDialog>
  )
}
