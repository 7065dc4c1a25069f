/** What Grantry asks of a provider that it may change. */
import type { DesiredObject, FieldChange, ObjectKey, ObjectKind, RemoteObject } from "./objects.ts"

export interface WritePort {
  /** How many steps may run side by side, each on an object of its own; absent: one (providers.md 11.7). */
  readonly parallel?: number
  /** How long a write may stay invisible to `find` and `observe`, in milliseconds; absent: reads see it at once (F22). */
  readonly readLagMs?: number
  /** A grant is a part of its client there: it goes with it, and nothing must be taken from a client before it is removed. */
  readonly grantsGoWithClient?: true
  /** A new client can be made with its grants, in one call: `create` of a client is given those that are to come with it. */
  readonly grantsComeWithClient?: true
  /** Reads everything of our three kinds, foreign objects too. Bounded; throws ConnectorError, never a half answer. */
  observe(): Promise<readonly RemoteObject[]>
  /** Reads one object; null when it is not there. Used before and after each step, and after a lost answer. */
  find(kind: ObjectKind, key: ObjectKey): Promise<RemoteObject | null>
  /** Makes the object with our marker. `marker` is `planId:changeId`. On a lost answer throws `lost_answer`: the caller finds, never re-sends. `grants`: of this new client; the caller looks which of them came along. */
  create(object: DesiredObject, marker: string, grants?: readonly DesiredObject[]): Promise<RemoteObject>
  /** Writes only the changed owned fields. Never carries a secret. */
  update(remoteId: string, object: DesiredObject, changes: readonly FieldChange[]): Promise<RemoteObject>
  /** Gone already is done. */
  remove(kind: ObjectKind, remoteId: string, key: ObjectKey): Promise<void>
}
