"use client"

import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useEffect, useState } from "react"
import { api } from "../api.ts"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { Modal } from "../ui/Modal.tsx"

/** The password, once more. Wrong ones are told here; giving up leaves everything as it was. */
export function StepUpDialog({ onEnd }: { onEnd: (confirmed: boolean) => void }) {
  const [password, setPassword] = useState("")
  useEffect(() => focusBelow, [])
  const prove = useMutation({
    gcTime: 0,
    mutationFn: () => api("/me/step-up", { method: "POST", body: { password } }),
    onSuccess: () => onEnd(true),
  })
  return (
    <Modal opened onClose={() => onEnd(false)} title="Confirm that it is you" zIndex={400}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          // In the tree of React, though not on the page, this form lies in the dialog that asked.
          event.stopPropagation()
          prove.mutate()
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            Secrets, rotations and deletes need a sign-in that is at most five minutes old. Nothing you have entered is
            lost.
          </Text>
          <PasswordInput
            label="Your password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
            error={fieldError(prove.error, "password")}
            data-autofocus
          />
          <FormErrors error={prove.error} fields={["password"]} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => onEnd(false)}>
              Cancel
            </Button>
            <Button type="submit" loading={prove.isPending}>
              Confirm
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** The button that asked was busy and lost the focus: it goes back into the dialog that it stands in. */
function focusBelow(): void {
  const below = [...document.querySelectorAll<HTMLElement>('[role="dialog"]')].at(-1)
  if (below && !below.contains(document.activeElement)) below.focus({ preventScroll: true })
}
