"use client"

/** Stands in for the root layout, so it uses nothing of it. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <main>
          <h1>Grantry failed to draw this page</h1>
          <p>
            Nothing was changed by it. The server's log has the cause{error.digest ? ` under ${error.digest}` : ""}.
          </p>
          <button type="button" onClick={reset}>
            Try again
          </button>
        </main>
      </body>
    </html>
  )
}
