"use client"

import { Button, Group, Modal, Stack } from "@mantine/core"
import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { ClientView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { Stale } from "../registry/Stale.tsx"
import { FormErrors } from "../ui/FormErrors.tsx"
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
    <Modal opened onClose={onClose} title={`Edit ${client.name}`} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="sm">
          <ClientFields withName={false} values={values} onChange={setValues} error={save.error} />
          <FormErrors error={save.error} fields={clientFieldNames} />
          <Stale
            error={save.error}
            reload={() => {
              router.refresh()
              onClose()
            }}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Save client
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
