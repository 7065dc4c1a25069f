"use client"

import { Alert, Button, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core"
import { useState, type FormEvent } from "react"
import { enter, type EnterResult } from "../shell/session.ts"

const sentences: Readonly<Record<Exclude<EnterResult, "entered">, string>> = {
  refused: "Email and password do not fit, or there were too many attempts. Wait ten minutes after many failures.",
  failed: "The server could not check this. Try again in a moment.",
}

export function SignIn({ next, setup, done }: { next: string; setup: boolean; done: "password" | "setup" | null }) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    setBusy(true)
    setProblem(null)
    const result = await enter(String(form.get("email") ?? ""), String(form.get("password") ?? ""))
    if (result === "entered") return window.location.assign(next)
    setBusy(false)
    setProblem(sentences[result])
  }

  return (
    <form onSubmit={(event) => void submit(event)} method="post">
      <Stack gap="sm">
        <Title order={1}>Sign in</Title>
        {setup && (
          <Alert color="petrol" variant="outline" title="Not set up yet">
            There is no user. Open the one-time link that <code>npm start</code> printed in the terminal; starting again
            prints a new one.
          </Alert>
        )}
        {done === "password" && (
          <Alert color="teal" variant="outline">
            The new password is set. Sign in with it.
          </Alert>
        )}
        {done === "setup" && (
          <Alert color="teal" variant="outline">
            The first administrator is made. Sign in to begin.
          </Alert>
        )}
        <TextInput
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{
            type: "button",
            "aria-label": "Show what is typed",
            tabIndex: -1,
            "aria-hidden": false,
          }}
        />
        <div role="alert">
          {problem && (
            <Text size="sm" c="var(--fail)">
              {problem}
            </Text>
          )}
        </div>
        <Button type="submit" size="sm" loading={busy} fullWidth>
          Sign in
        </Button>
        <Text size="xs" c="dimmed">
          Password lost? Whoever runs the server makes a new link with <code>npm run lost-password</code>.
        </Text>
      </Stack>
    </form>
  )
}
