"use client"

import { useMutation, useQueryClient } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { useState } from "react"
import type { AudienceView } from "../../lib/registry/schema.ts"
import { api } from "../api.ts"
import { Stale } from "../registry/Stale.tsx"
import { FormDialog } from "../ui/FormDialog.tsx"
import { said } from "../ui/notify.tsx"
import {
  audienceBody,
  audienceFieldNames,
  AudienceFields,
  audienceValues,
  type AudienceValues,
} from "./AudienceFields.tsx"

export function EditAudience({ audience, onClose }: { audience: AudienceView; onClose: () => void }) {
  const router = useRouter()
  const queries = useQueryClient()
  const [values, setValues] = useState<AudienceValues>(() => audienceValues(audience))
  const save = useMutation({
    mutationFn: () =>
      api<AudienceView>(`/audiences/${audience.id}`, {
        method: "PATCH",
        version: audience.version,
        body: audienceBody(values),
      }),
    onSuccess: async () => {
      said(`${audience.identifier} is saved. Apply a plan to bring the change to the providers.`)
      await queries.invalidateQueries({ queryKey: ["/audiences"] })
      router.refresh()
      onClose()
    },
  })
  return (
    <FormDialog
      title={`Edit ${audience.identifier}`}
      size="xl"
      verb="Save audience"
      busy={save.isPending}
      error={save.error}
      fields={audienceFieldNames}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <AudienceFields withIdentifier={false} values={values} onChange={setValues} error={save.error} />
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
