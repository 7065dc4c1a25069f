"use client"

import { Button, Group, Stack } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import type { ClientView } from "../../lib/registry/schema.ts"
import { api, queryString, type Page } from "../api.ts"
import { ClientField } from "../registry/ClientField.tsx"
import { FormErrors } from "../ui/FormErrors.tsx"
import { Modal } from "../ui/Modal.tsx"
import { StartRotation } from "./StartRotation.tsx"

/** First which client, then how. */
export function ChooseClient({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("")
  const find = useMutation({
    mutationFn: async () => {
      const found = (await api<Page<ClientView>>(`/clients${queryString({ q: name, limit: 100 })}`)).items.find(
        (c) => c.name === name,
      )
      if (!found) throw new Error(`There is no client named ${name}.`)
      return found
    },
  })
  if (find.data) return <StartRotation client={find.data} onClose={onClose} />
  return (
    <Modal opened onClose={onClose} title="Start rotation">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          find.mutate()
        }}
      >
        <Stack gap="sm">
          <ClientField value={name} onChange={setName} />
          <FormErrors error={find.error} fields={[]} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={name === ""} loading={find.isPending}>
              Next
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
