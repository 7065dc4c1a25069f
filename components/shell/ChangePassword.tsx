"use client"

import { PasswordInput, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { api } from "../api.ts"
import { FormDialog } from "../ui/FormDialog.tsx"
import { fieldError } from "../ui/FormErrors.tsx"
import { said } from "../ui/notify.tsx"

export function ChangePassword({ onClose }: { onClose: () => void }) {
  const [current, setCurrent] = useState("")
  const [next, setNext] = useState("")
  const save = useMutation({
    mutationFn: () => api("/me/password", { method: "POST", body: { current_password: current, new_password: next } }),
    onSuccess: () => {
      said("Your password is changed. Your other sessions have ended.")
      onClose()
    },
  })
  return (
    <FormDialog
      title="Change password"
      verb="Change password"
      busy={save.isPending}
      error={save.error}
      fields={["current_password", "new_password", "password"]}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        required
        value={current}
        onChange={(e) => setCurrent(e.currentTarget.value)}
        error={fieldError(save.error, "current_password")}
        data-autofocus
      />
      <PasswordInput
        label="New password"
        description="At least 12 characters"
        autoComplete="new-password"
        required
        value={next}
        onChange={(e) => setNext(e.currentTarget.value)}
        error={fieldError(save.error, "password") ?? fieldError(save.error, "new_password")}
      />
      <Text size="xs" c="dimmed">
        Your sessions in other browsers end.
      </Text>
    </FormDialog>
  )
}
