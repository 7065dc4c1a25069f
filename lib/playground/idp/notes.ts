import type { Presented } from "./secrets.ts"

/** What the pieces of one request learn on the way and the token event tells in the end. */
export interface Notes {
  readonly startedMs: number
  secret: Presented | null
  clientDisabled: boolean
  error: { code: string; description: string | null; detail: string | null } | null
  /** Why an introspected token is not active, where we know. */
  inactive: string | null
  /** Claims of a structured token whose signature is ours. */
  claims: Readonly<Record<string, unknown>> | null
}

const kept = new WeakMap<object, Notes>()

export const startNotes = (ctx: object): Notes => {
  const notes: Notes = {
    startedMs: performance.now(),
    secret: null,
    clientDisabled: false,
    error: null,
    inactive: null,
    claims: null,
  }
  kept.set(ctx, notes)
  return notes
}

export const notesOf = (ctx: object | undefined): Notes | null => (ctx && kept.get(ctx)) ?? null
