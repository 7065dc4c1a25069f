"use client"

import { Button, Group, Modal, PasswordInput, Stack, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { api } from "../api.ts"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
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
    <Modal opened onClose={onClose} title="Change password">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <Stack gap="sm">
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
          <FormErrors error={save.error} fields={["current_password", "new_password", "password"]} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
