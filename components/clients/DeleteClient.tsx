"use client"

import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import type { ClientView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { Hanging } from "../registry/Hanging.tsx"
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx"
import { said } from "../ui/notify.tsx"

export function DeleteClient({ client, onClose }: { client: ClientView; onClose: () => void }) {
  const router = useRouter()
  const queries = useQueryClient()
  const remove = useMutation({
    mutationFn: () => api(`/clients/${client.id}`, { method: "DELETE", version: client.version }),
    onSuccess: async () => {
      said(`${client.name} is deleted from the registry. The next plan removes it at its providers.`)
      await queries.invalidateQueries({ queryKey: ["/clients"] })
      router.push("/clients")
    },
  })
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={`Delete ${client.name}`}
      verb="Delete client"
      typed={client.name}
      busy={remove.isPending || remove.isSuccess}
      error={remove.error}
      onConfirm={() => remove.mutate()}
    >
      It leaves the registry with its secrets' records. What Grantry created at providers goes with the next plan; what
      was adopted stays. Its events and its history are kept.
      <Hanging error={remove.error} />
    </ConfirmDialog>
  )
}
