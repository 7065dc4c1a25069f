"use client"

import { Text, Textarea, TextInput } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { api } from "../api.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"

const week = 7 * 86_400_000
/** What the browser's date field wants, in the viewer's zone. */
const fieldTime = (at: number): string =>
  new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)

/** Drift is ignored until a date, for a reason, by a named person; and only as long as it stays the same drift. */
export function IgnoreDialog({
  id,
  name,
  onClose,
  onDone,
}: {
  id: string
  name: string
  onClose: () => void
  onDone: () => void
}) {
  const [until, setUntil] = useState(() => fieldTime(Date.now() + week))
  const [earliest] = useState(() => fieldTime(Date.now()))
  const [reason, setReason] = useState("")
  const save = useMutation({
    mutationFn: () =>
      api(`/drift/${id}/ignore`, { method: "POST", body: { until: new Date(until).toISOString(), reason } }),
    onSuccess: () => {
      said(`${name} is ignored until then.`)
      onDone()
    },
  })
  return (
    <FormDialog
      title="Ignore until"
      verb="Ignore"
      busy={save.isPending}
      disabled={until === "" || reason.trim() === ""}
      error={save.error}
      fields={["until", "reason"]}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <Text size="sm">
        {name} stays as it is at the provider, and no plan touches it. It comes back at that time, or as soon as it
        changes again.
      </Text>
      <TextInput
        label="Until"
        description="Date and time in your own zone"
        type="datetime-local"
        required
        min={earliest}
        value={until}
        onChange={(e) => setUntil(e.currentTarget.value)}
        error={fieldError(save.error, "until")}
        maw={260}
      />
      <Textarea
        label="Reason"
        required
        autosize
        minRows={2}
        maxLength={1000}
        value={reason}
        onChange={(e) => setReason(e.currentTarget.value)}
        error={fieldError(save.error, "reason")}
      />
    </FormDialog>
  )
}
