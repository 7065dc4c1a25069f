"use client"

import { TextInput } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import type { silentSecondsBounds } from "../../lib/events/limits.ts"
import type { SourceView } from "../../lib/events/source-view.ts"
import { api } from "../api.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { WholeNumber } from "../ui/WholeNumber.tsx"

/** The API's: a view runs nothing of its room, so the compiler holds the two equal. */
const bounds: typeof silentSecondsBounds = { min: 10, max: 2_592_000 }

/** Makes an event source, or changes the name and the silence limit of one. */
export function SourceForm({
  source,
  onClose,
  onSaved,
}: {
  source?: SourceView
  onClose: () => void
  onSaved: (source: SourceView) => void
}) {
  const [name, setName] = useState(source?.name ?? "")
  const [silent, setSilent] = useState<number | string>(source?.silent_after_seconds ?? "")
  const save = useMutation({
    mutationFn: () => {
      const body = { name, silent_after_seconds: silent === "" ? null : Number(silent) }
      return source
        ? api<SourceView>(`/sources/${source.id}`, { method: "PATCH", version: source.version, body })
        : api<SourceView>("/sources", { method: "POST", body })
    },
    onSuccess: onSaved,
  })
  return (
    <FormDialog
      title={source ? `Edit ${source.name}` : "New event source"}
      verb={source ? "Save source" : "Make source"}
      busy={save.isPending}
      error={save.error}
      fields={["name", "silent_after_seconds"]}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        placeholder="payment-gateway"
        required
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        error={fieldError(save.error, "name")}
        data-autofocus
      />
      <WholeNumber
        label="Silent after, in seconds"
        description="Longest silence that is normal. 300 fits a service that is called all day. The watermark says until when we can be sure that nothing is missing; it stops while this source is silent for longer. Empty: any silence is normal, and the source is not counted in the watermark."
        placeholder="300"
        {...bounds}
        value={silent}
        onChange={setSilent}
        error={fieldError(save.error, "silent_after_seconds")}
      />
    </FormDialog>
  )
}
