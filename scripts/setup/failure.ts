/** Setting up cannot go on. The message is the one line that a person reads; nothing was broken. */
export class SetupFailed extends Error {
  constructor(message: string) {
    super(message)
    this.name = "SetupFailed"
  }
}

/** The system's word for what went wrong (`EACCES`), or "" where there is none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : ""
}

/** One line for any error; a connection that failed on several addresses says so only inside. */
export function lineOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return lineOf(error.errors[0])
  const text = error instanceof Error ? error.message || codeOf(error) : String(error)
  return text.split("\n")[0] ?? text
}
