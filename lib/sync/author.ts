/** Who made a drift, as far as the provider's own log tells it. Pure. */
import type { AdminChange } from "../connectors/log-ports.ts"
import { splitGrantKey, type ObjectKind } from "../connectors/objects.ts"
import { idOf } from "./normal.ts"

/** `{id, name?, client?, realm?}`. */
export type Author = AdminChange["actor"]

interface Found {
  readonly kind: ObjectKind
  readonly key: string
}

/**
 * The newest change not ours that names the object, by its key or its remote id; for a grant also one that names either
 * end, where none names the grant itself. Null: the log does not tell. `remoteIds` are the ids we know, by `idOf`.
 */
export function authorOf(
  found: Found,
  changes: readonly AdminChange[],
  remoteIds: ReadonlyMap<string, string>,
): Author | null {
  const theirs = changes.filter(({ ours }) => !ours).toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
  const by = (one: Found) => theirs.find((change) => names(change, one, remoteIds.get(idOf(one))))
  const change = by(found)
  if (change || found.kind !== "grant") return change?.actor ?? null
  const { client, audience } = splitGrantKey(found.key)
  const ends = [by({ kind: "client", key: client }), by({ kind: "audience", key: audience })]
  return theirs.find((one) => ends.includes(one))?.actor ?? null
}

const names = (change: AdminChange, { kind, key }: Found, remoteId: string | undefined): boolean =>
  (change.kind === kind && change.key === key) || (remoteId !== undefined && change.remoteIds.includes(remoteId))
