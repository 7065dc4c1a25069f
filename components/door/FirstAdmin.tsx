"use client"

import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core"
import { useMutation } from "@tanstack/react-query"
import { useState } from "react"
import { api } from "../api.ts"
import { enter } from "../shell/session.ts"
import { fieldError, FormErrors } from "../ui/FormErrors.tsx"
import { useLinkToken } from "./link.ts"

const fields = ["email", "name", "password"] as const

/** The first administrator, made with the one-time link; signs them in at once. */
export function FirstAdmin() {
  const token = useLinkToken()
  const [values, setValues] = useState({ email: "", name: "", password: "" })
  const set = (field: (typeof fields)[number]) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget
    setValues((old) => ({ ...old, [field]: value }))
  }
  const make = useMutation({
    mutationFn: async () => {
      await api("/setup", { method: "POST", body: { token, ...values } })
      return enter(values.email, values.password)
    },
    onSuccess: (result) => window.location.assign(result === "entered" ? "/" : "/login?done=setup"),
  })
  if (token === "")
    return (
      <Stack gap="sm">
        <Title order={1}>Set up Grantry</Title>
        <Alert color="yellow" variant="outline" title="The link is incomplete">
          Open the whole link that <code>npm start</code> printed in the terminal. Starting again prints a new one.
        </Alert>
      </Stack>
    )
  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault()
        make.mutate()
      }}
    >
      <Stack gap="sm">
        <Title order={1}>Set up Grantry</Title>
        <Text size="sm" c="dimmed">
          You make the first administrator. This link works once.
        </Text>
        <TextInput
          label="Your name"
          name="name"
          autoComplete="name"
          required
          withAsterisk={false}
          value={values.name}
          onChange={set("name")}
          error={fieldError(make.error, "name")}
          autoFocus
        />
        <TextInput
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={values.email}
          onChange={set("email")}
          error={fieldError(make.error, "email")}
        />
        <PasswordInput
          label="Password"
          description="At least 12 characters; length counts, not variety"
          name="password"
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={values.password}
          onChange={set("password")}
          error={fieldError(make.error, "password")}
        />
        <FormErrors error={make.error} fields={fields} />
        <Button type="submit" size="sm" loading={make.isPending || make.isSuccess} fullWidth>
          Make administrator
        </Button>
      </Stack>
    </form>
  )
}
