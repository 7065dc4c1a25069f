/** What differs between a provider and what was last applied there. Pure. */
import { sha256 } from "../base/digest.ts"
import { canonicalJson, type Json } from "../base/json.ts"
import {
  splitGrantKey,
  type AppliedObject,
  type DesiredObject,
  type Fields,
  type ObjectKind,
  type RemoteObject,
} from "../connectors/objects.ts"
import { idOf, isUnknown, normal, same, shown } from "./normal.ts"

export interface DriftField {
  readonly field: string
  readonly applied: Json
  readonly found: Json
}

export interface Drift {
  readonly kind: ObjectKind
  readonly key: string
  readonly fields: readonly DriftField[]
  /** Digest of the fields: a decision to ignore holds for exactly this drift. */
  readonly fingerprint: string
}

/** Not a field of the object: it is there or it is not. */
export const presence = "present"

/**
 * A field that the provider would not tell is never drift; one where the provider has come to hold what the registry wants
 * is none either (`converged`). A grant of somebody else on a client of ours is drift: it widens what our client may do.
 */
export function drift(
  applied: readonly AppliedObject[],
  remote: readonly RemoteObject[],
  desired: readonly DesiredObject[],
): readonly Drift[] {
  const remotes = new Map(remote.map((object) => [idOf(object), object]))
  const wanted = new Map(desired.map((object) => [idOf(object), object]))
  const ours = new Map(applied.map((object) => [idOf(object), object]))
  const found: Drift[] = []
  for (const [id, had] of ours) {
    const there = remotes.get(id)
    const want = wanted.get(id)
    if (there) push(found, had, movedFields(had, there, want))
    else if (want) push(found, had, [{ field: presence, applied: true, found: false }])
  }
  for (const object of remote) {
    if (object.kind !== "grant" || ours.has(idOf(object))) continue
    if (!ours.has(`client ${splitGrantKey(object.key).client}`)) continue
    push(found, object, [
      { field: presence, applied: false, found: true },
      { field: "scopes", applied: null, found: shown(object.fields.scopes) },
    ])
  }
  return found
}

function movedFields(had: AppliedObject, there: RemoteObject, want: DesiredObject | undefined): DriftField[] {
  if (there.remoteId !== had.remoteId) return [{ field: "remote_id", applied: had.remoteId, found: there.remoteId }]
  return Object.entries(had.fields).flatMap(([field, applied]) => {
    if (isUnknown(there, field)) return []
    const now = there.fields[field]
    if (same(applied, now) || (want && field in want.fields && same(want.fields[field], now))) return []
    return [{ field, applied, found: shown(now) }]
  })
}

function push(found: Drift[], { kind, key }: { kind: ObjectKind; key: string }, fields: readonly DriftField[]): void {
  if (fields.length === 0) return
  const fingerprint = sha256(
    canonicalJson(fields.map(({ field, applied, found: now }) => [field, normal(applied), normal(now)])),
  ).toString("hex")
  found.push({ kind, key, fields, fingerprint })
}

export interface Settled {
  /** Last applied values to write anew: the provider holds by itself what the registry wants. */
  readonly converged: readonly { readonly kind: ObjectKind; readonly key: string; readonly fields: Fields }[]
  /** Not wanted and not there: the placement can be forgotten. */
  readonly gone: readonly { readonly kind: ObjectKind; readonly key: string }[]
}

/** Bookkeeping after a read: what needs no decision of anybody. */
export function settled(
  applied: readonly AppliedObject[],
  remote: readonly RemoteObject[],
  desired: readonly DesiredObject[],
): Settled {
  const remotes = new Map(remote.map((object) => [idOf(object), object]))
  const wanted = new Map(desired.map((object) => [idOf(object), object]))
  const converged: { kind: ObjectKind; key: string; fields: Fields }[] = []
  const gone: { kind: ObjectKind; key: string }[] = []
  for (const had of applied) {
    const there = remotes.get(idOf(had))
    const want = wanted.get(idOf(had))
    if (!there && !want) gone.push({ kind: had.kind, key: had.key })
    if (!there || !want || there.remoteId !== had.remoteId) continue
    const fresh = Object.entries(want.fields).filter(
      ([field, value]) =>
        !isUnknown(there, field) && same(value, there.fields[field]) && !same(value, had.fields[field]),
    )
    if (fresh.length > 0)
      converged.push({ kind: had.kind, key: had.key, fields: { ...had.fields, ...Object.fromEntries(fresh) } })
  }
  return { converged, gone }
}
