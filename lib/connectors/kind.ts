import type { z } from "zod"
import type { Connector, Endpoints, Opened } from "./port.ts"

/**
 * One kind of provider, as data: what it is called, which settings it takes, which of them are secrets, and how it is
 * opened. A later kind is one more entry in kinds.ts.
 */
/** What a connector was tried against. docs/connectors.md says it as it stands. */
export interface Verification {
  readonly against: "real server" | "vendor contract" | "own fake" | "twin"
  /** `Keycloak 26.7.4, the whole contract suite`. */
  readonly what: string
  /** `2026-11-21`. */
  readonly on: string
}

/** One right that Grantry's own credentials need there, by the provider's word for it. */
export interface Privilege {
  readonly name: string
  readonly gives: string
  readonly needed: "always" | "to write" | "for secrets" | "for logs" | "optional"
}

export interface ProviderKind {
  readonly kind: string
  readonly title: string
  /** What is supported and was tried, in one sentence. */
  readonly versions: string
  readonly verified: readonly Verification[]
  readonly privileges: readonly Privilege[]
  /** How our words become theirs, one sentence a row (the page shows them as they stand). */
  readonly mapping: readonly { readonly ours: string; readonly theirs: string; readonly why: string }[]
  readonly settings: z.ZodObject
  /** Fields of `settings` that are sealed and never answered. Text, each of them. */
  readonly secrets: readonly string[]
  /** Pure: the endpoints as the settings alone tell them, so that connecting needs no network. A probe corrects them. */
  endpoints(settings: Readonly<Record<string, unknown>>): Endpoints
  open(opened: Opened): Connector
}
