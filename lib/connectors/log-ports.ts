/** What Grantry reads in a provider's own logs: token events, and who changed what. */
import type { ObjectKey, ObjectKind } from "./objects.ts"

/** One stretch of the provider's own log, in its own shape (lib/normalize reads it). */
export interface EventPage {
  readonly records: readonly unknown[]
  /** Where to go on; kept by the caller after the records are committed. Opaque. */
  readonly cursor: string
  /** More is waiting right now. */
  readonly more: boolean
  /** RFC 3339: nothing older than this will still appear. Null: the provider does not tell. */
  readonly completeUntil: string | null
}

/** Token events from the provider's log. Asked for with overlap; the caller drops what it has by the record's own id. */
export interface EventsPort {
  /** How often to ask, in seconds. */
  readonly everySeconds: number
  /** Which facts of a token event this log tells, derives or lacks (providers.md 11.10). */
  readonly provenance: Readonly<Record<string, "observed" | "derived" | "absent">>
  /** `null` starts at what the provider still has, at most a day back. */
  poll(cursor: string | null): Promise<EventPage>
}

/** One administrative change in the provider's own log. */
export interface AdminChange {
  /** RFC 3339. */
  readonly at: string
  /** What was changed, as far as the log says it: by our key or by the remote id of an object or a part of it. */
  readonly kind: ObjectKind | null
  readonly key: ObjectKey | null
  readonly remoteIds: readonly string[]
  readonly actor: { readonly id: string; readonly name?: string; readonly client?: string; readonly realm?: string }
  /** Made by Grantry's own credentials. */
  readonly ours: boolean
}

/** Who changed what at the provider. */
export interface ChangesPort {
  /** Newest first, at most 1000. `since` is a point in time. */
  since(since: Date): Promise<readonly AdminChange[]>
}
