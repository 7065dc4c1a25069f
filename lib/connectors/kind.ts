import type { z } from "zod"
import type { Connector, Endpoints, Opened } from "./port.ts"

/**
 * One kind of provider, as data: what it is called, which settings it takes, which of them are secrets, and how it is
 * opened. A later kind is one more entry in kinds.ts.
 */
export interface ProviderKind {
  readonly kind: string
  readonly title: string
  readonly settings: z.ZodObject
  /** Fields of `settings` that are sealed and never answered. Text, each of them. */
  readonly secrets: readonly string[]
  /** Pure: the endpoints as the settings alone tell them, so that connecting needs no network. A probe corrects them. */
  endpoints(settings: Readonly<Record<string, unknown>>): Endpoints
  open(opened: Opened): Connector
}
