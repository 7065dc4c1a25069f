"use client"

import { Alert, Button, Text } from "@mantine/core"

export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <Alert color="red" variant="outline" title="This page failed" role="alert">
      <Text size="sm">
        Nothing was changed by it. Try again; if it stays, the server's log has the cause
        {error.digest ? (
          <>
            {" "}
            under <code>{error.digest}</code>
          </>
        ) : null}
        .
      </Text>
      <Button variant="default" mt="sm" onClick={reset}>
        Try again
      </Button>
    </Alert>
  )
}
