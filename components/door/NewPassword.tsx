"use client"

import { Alert, Button, PasswordInput, Stack, Text, Title } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { api } from "../api.ts"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { useLinkToken } from "./link.ts"

/** Sets a new password with the one-time link of `npm run lost-password`. */
export function NewPassword() {
  const token = useLinkToken()
  const [password, setPassword] = useState("")
  const save = useMutation({
    mutationFn: () => api("/password-reset", { method: "POST", body: { token, password } }),
    onSuccess: () => window.location.assign("/login?done=password"),
  })
  if (token === "")
    return (
      <Stack gap="sm">
        <Title order={1}>New password</Title>
        <Alert color="yellow" variant="outline" title="The link is incomplete">
          Open the whole link that <code>npm run lost-password</code> printed, up to its last character. Whoever runs
          the server makes another one with it.
        </Alert>
      </Stack>
    )
  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <Stack gap="sm">
        <Title order={1}>New password</Title>
        <Text size="sm" c="dimmed">
          Your open sessions end. This link works once.
        </Text>
        <PasswordInput
          label="New password"
          description="At least 12 characters"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          error={fieldError(save.error, "password")}
          autoFocus
        />
        <FormErrors error={save.error} fields={["password"]} />
        <Button type="submit" size="sm" loading={save.isPending} fullWidth>
          Set password
        </Button>
      </Stack>
    </form>
  )
}
