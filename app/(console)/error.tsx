"use client"

import { Button } from "@mantine/core"
import { EmptyState } from "../../components/ui/EmptyState.tsx"

/** In place of a page that could not be made. The navigation stays. */
export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <div role="alert">
      <EmptyState order={1} title="This page failed" action={<Button onClick={reset}>Try again</Button>}>
        Nothing was changed by it. If trying again does not help, the server&apos;s log has the cause
        {error.digest ? (
          <>
            {" "}
            under <code>{error.digest}</code>
          </>
        ) : null}
        .
      </EmptyState>
    </div>
  )
}
