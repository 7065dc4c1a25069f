"use client"

import { Alert, Button, Group, Text } from "@mantine/core"
import { IconAlertTriangle } from "@tabler/icons-react"
import { ApiError } from "../api.ts"
import { Copy } from "./Copy.tsx"

/** What happened, what did not, what to do; with the stable code and the request id to copy. */
export function ErrorPanel({
  error,
  retry,
  title,
}: {
  error: unknown
  retry?: (() => void) | undefined
  title?: string
}) {
  const known = error instanceof ApiError ? error : null
  const message = error instanceof Error ? error.message : "Something failed that should not."
  const id = known?.requestId ?? null
  const report = [known?.code, message, id && `request ${id}`].filter(Boolean).join(" · ")
  return (
    <Alert
      color="red"
      variant="outline"
      icon={<IconAlertTriangle aria-hidden />}
      title={title ?? headline(known)}
      role="alert"
    >
      <Text size="sm">{message}</Text>
      <Group gap="sm" mt="xs">
        {known && (
          <Text size="xs" c="dimmed">
            <code>{known.code}</code>
            {id && (
              <>
                {" "}
                · request <code>{id}</code>
              </>
            )}
          </Text>
        )}
        <Copy value={report} label="error" />
        {retry && (
          <Button variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Group>
    </Alert>
  )
}

function headline(error: ApiError | null): string {
  if (error === null) return "This did not work"
  if (error.status === 0) return "The server cannot be reached"
  if (error.code === "step_up_needed") return "Not done: it was not confirmed"
  if (error.status === 403) return "Not permitted"
  if (error.status === 404) return "Not found"
  if (error.status === 409) return "Not possible at the moment"
  if (error.status === 412) return "Somebody else changed this"
  if (error.status === 422) return "Some input cannot be used"
  return error.status >= 500 ? "The server failed" : "Refused"
}
