"use client"

import { ApiError } from "../api.ts"
import { ErrorPanel } from "./ErrorPanel.tsx"

/** The message for one field of a refused form, by its dotted path; of a list the first of its items. */
export function fieldError(error: unknown, path: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  return error.errors.find((e) => e.path === path || e.path.startsWith(`${path}.`))?.message
}

/** What the fields themselves do not show: other refusals, and problems whose path no field has. */
export function FormErrors({ error, fields }: { error: unknown; fields: readonly string[] }) {
  if (!error) return null
  if (error instanceof ApiError && error.status === 422) {
    const left = error.errors.filter((e) => !fields.some((f) => e.path === f || e.path.startsWith(`${f}.`)))
    if (left.length === 0 && error.errors.length > 0) return null
  }
  return <ErrorPanel error={error} />
}
