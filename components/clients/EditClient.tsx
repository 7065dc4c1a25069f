"use client"

import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { ClientView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { Stale } from "../registry/Stale.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { said } from "../ui/notify.tsx"
import { clientBody, ClientFields, clientFieldNames, type ClientValues } from "./ClientFields.tsx"

export function EditClient({ client, onClose }: { client: ClientView; onClose: () => void }) {
  const router = useRouter()
  const queries = useQueryClient()
  const [values, setValues] = useState<ClientValues>({
    ...client,
    jwks: client.jwks ? JSON.stringify(client.jwks, null, 2) : "",
  })
  const save = useMutation({
    mutationFn: () => {
      const { display_name, owner, description, auth_method, jwks, provider_ids, tags } = clientBody(values)
      return api<ClientView>(`/clients/${client.id}`, {
        method: "PATCH",
        version: client.version,
        body: { display_name, owner, description, auth_method, jwks, provider_ids, tags },
      })
    },
    onSuccess: async () => {
      said(`${client.name} is saved. Apply a plan to bring the change to its providers.`)
      await queries.invalidateQueries({ queryKey: ["/clients"] })
      router.refresh()
      onClose()
    },
  })
  return (
    <FormDialog
      title={`Edit ${client.name}`}
      size="lg"
      verb="Save client"
      busy={save.isPending}
      error={save.error}
      fields={clientFieldNames}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <ClientFields withName={false} values={values} onChange={setValues} error={save.error} />
      <Stale
        error={save.error}
        reload={() => {
          router.refresh()
          onClose()
        }}
      />
    </FormDialog>
  )
}
