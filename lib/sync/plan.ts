/**
 * The planner: three-way, pure, total. Remote != last applied is drift; desired != last applied is pending; both is a
 * conflict. A plan holds what is pending, and drift only where a person asked to revert it; all else that was seen and
 * left alone is kept with its reason. Its laws stand as properties in plan.test.ts.
 */
import type { Json } from "../base/json.ts"
import type {
  AppliedObject,
  DesiredObject,
  FieldChange,
  Note,
  ObjectKind,
  Projection,
  Refusal,
  RemoteObject,
} from "../connectors/objects.ts"
import { digestOf, digestOfAll, idOf, isUnknown, same, shown } from "./normal.ts"
import { holdBackEarly, holdBackUsed } from "./hold-back.ts"
import { byRank } from "./order.ts"

export type Verb = "create" | "update" | "delete" | "disable"

export interface PlannedChange {
  readonly verb: Verb
  readonly kind: ObjectKind
  readonly key: string
  readonly remoteId: string | null
  readonly fields: readonly FieldChange[]
  /** The whole object as wanted; null on delete. */
  readonly object: DesiredObject | null
  /** Digest of the object as observed, null when it was not there. Apply compares it again. */
  readonly observed: string | null
  readonly projection: Projection | null
  /** Deletes and widened grants. */
  readonly needsConfirmation: boolean
}

export type KeptCode =
  | "drift"
  | "conflict"
  | "ignored"
  | "missing"
  | "replaced"
  | "not_ours"
  | "adopted"
  | "protected"
  | "unmarked"
  | "in_use"
  | "unsupported"
  | "refused"
  | "waits"
  | "rotating"
  | "read_only"
  | "adjusted"
  | "untold"

export interface Kept {
  readonly kind: ObjectKind
  readonly key: string
  readonly code: KeptCode
  readonly why: string
}

export interface PlanPolicy {
  /** Ids (`idOf`) of drift that a person marked to be reverted. */
  readonly reverting: ReadonlySet<string>
  /** Ids of drift that is ignored, with the sentence that says until when. */
  readonly ignored: ReadonlyMap<string, string>
  /** Names of clients with a rotation in flight: their credentials are not touched. */
  readonly rotating: ReadonlySet<string>
  /** Names of clients that the registry has disabled: no rotation holds up the delete of one. */
  readonly disabled: ReadonlySet<string>
  /** What the provider would refuse (`Connector.reject`). */
  readonly refused: readonly Refusal[]
  /** What the provider holds otherwise than it was asked for (`Connector.shape`). */
  readonly notes: readonly Note[]
  /** What the registry wants and the provider has no object for: nobody waits for it. */
  readonly notHeld: readonly DesiredObject[]
  /** What a grant becomes there (`Connector.project`). */
  readonly project: (grant: DesiredObject) => Projection
  /** Why this provider takes no writes, or null. */
  readonly readOnly: string | null
}

export interface Planned {
  readonly changes: readonly PlannedChange[]
  readonly kept: readonly Kept[]
  /** Digest of everything observed. */
  readonly basis: string
}

/** Of a client: what a rotation of its secrets depends on. */
export const credentialFields: ReadonlySet<string> = new Set(["auth_method", "jwks"])
const foreignShownMax = 200

export function plan(
  desired: readonly DesiredObject[],
  applied: readonly AppliedObject[],
  remote: readonly RemoteObject[],
  policy: PlanPolicy,
): Planned {
  const applieds = new Map(applied.map((object) => [idOf(object), object]))
  const remotes = new Map(remote.map((object) => [idOf(object), object]))
  const wanted = new Map(desired.map((object) => [idOf(object), object]))
  const refusals = Map.groupBy(policy.refused, idOf)
  const changes: PlannedChange[] = []
  const kept: Kept[] = []
  const sink: Sink = {
    change: (change) => changes.push(change),
    keep: (object, code, why) => kept.push({ kind: object.kind, key: object.key, code, why }),
  }

  for (const [id, want] of wanted) {
    const refusal = refusals.get(id)
    if (policy.readOnly !== null) sink.keep(want, "read_only", policy.readOnly)
    else if (refusal) sink.keep(want, "refused", refusedBecause(refusal))
    else decideWanted(want, applieds.get(id) ?? null, remotes.get(id) ?? null, policy, sink)
  }
  keepUnheld(policy, sink)
  for (const [id, had] of applieds) {
    const there = remotes.get(id)
    if (wanted.has(id) || !there) continue
    if (policy.readOnly !== null) sink.keep(had, "read_only", policy.readOnly)
    else decideUnwanted(had, there, policy, sink)
  }
  keepForeign(
    remote.filter((object) => !applieds.has(idOf(object)) && !wanted.has(idOf(object))),
    sink,
  )
  const nowhere = new Set(policy.notHeld.map(idOf))
  const able = holdBackUsed(holdBackEarly(changes, applieds, remotes, nowhere, sink), remote, sink)
  return { changes: able.sort(byRank), kept, basis: digestOfAll(remote) }
}

export interface Sink {
  readonly change: (change: PlannedChange) => void
  readonly keep: (object: { readonly kind: ObjectKind; readonly key: string }, code: KeptCode, why: string) => void
}

function decideWanted(
  want: DesiredObject,
  had: AppliedObject | null,
  there: RemoteObject | null,
  policy: PlanPolicy,
  sink: Sink,
): void {
  const projection = want.kind === "grant" ? policy.project(want) : null
  if (projection?.is === "unsupported") return sink.keep(want, "unsupported", projection.why)
  const reverting = policy.reverting.has(idOf(want))
  const create = () =>
    sink.change({
      ...base(want, null, projection),
      verb: "create",
      fields: Object.entries(want.fields).map(([field, to]) => ({ field, from: null, to })),
    })
  if (!had)
    return there
      ? sink.keep(want, "not_ours", "It exists on the provider and is not ours. Import and adopt it to manage it here.")
      : create()
  if (!there) {
    if (reverting) return create()
    return sink.keep(
      want,
      "missing",
      policy.ignored.get(idOf(want)) ??
        "Drift: it was deleted on the provider. Revert makes it again; adopt takes it out of the registry.",
    )
  }
  if (there.remoteId !== had.remoteId)
    return sink.keep(
      want,
      "replaced",
      "Drift: another object stands in its place on the provider. Import and adopt that one, or remove it there.",
    )
  decideFields(want, had, there, projection, policy, sink)
}

function decideFields(
  want: DesiredObject,
  had: AppliedObject,
  there: RemoteObject,
  projection: Projection | null,
  policy: PlanPolicy,
  sink: Sink,
): void {
  const reverting = policy.reverting.has(idOf(want))
  const fields: FieldChange[] = []
  const drifted: string[] = []
  const conflicts: string[] = []
  const blocked: string[] = []
  const untold: string[] = []
  for (const [field, to] of Object.entries(want.fields)) {
    const unknown = isUnknown(there, field)
    const from = shown(unknown ? had.fields[field] : there.fields[field])
    if (same(to, from)) continue
    if (unknown && !reverting && neverApplied(had, field) && !switchesOff(field, to)) {
      untold.push(field)
      continue
    }
    const pending = !same(to, had.fields[field])
    const drift = !unknown && !same(there.fields[field], had.fields[field])
    if (drift && !reverting) (pending ? conflicts : drifted).push(field)
    else if (want.kind === "client" && credentialFields.has(field) && policy.rotating.has(want.key)) blocked.push(field)
    else fields.push({ field, from, to })
  }
  if (drifted.length > 0) {
    const ignored = policy.ignored.get(idOf(want))
    sink.keep(
      want,
      ignored === undefined ? "drift" : "ignored",
      ignored ?? `Drift: ${list(drifted)} changed on the provider. Revert, adopt or ignore it.`,
    )
  }
  if (conflicts.length > 0)
    sink.keep(
      want,
      "conflict",
      `Conflict: ${list(conflicts)} changed in the registry and on the provider. Revert writes the registry's value, adopt takes the provider's.`,
    )
  if (blocked.length > 0)
    sink.keep(want, "rotating", `A rotation is in flight: ${list(blocked)} can change when it is done.`)
  if (untold.length > 0)
    sink.keep(
      want,
      "untold",
      `The provider does not tell ${list(untold)}, and it was adopted without: what stands there is left as it is.`,
    )
  if (fields.length === 0) return
  const only = fields.length === 1 ? fields[0] : undefined
  const verb = want.kind === "client" && only && switchesOff(only.field, only.to) ? "disable" : "update"
  sink.change({ ...base(want, there, projection), verb, fields })
}

/** Nobody knows what stands there, so writing the registry's value would not be a difference but a guess. */
const neverApplied = (had: AppliedObject, field: string): boolean =>
  had.origin === "adopted" && !Object.hasOwn(had.fields, field)

const switchesOff = (field: string, to: Json): boolean => field === "enabled" && to === false

const base = (want: DesiredObject, there: RemoteObject | null, projection: Projection | null) => ({
  kind: want.kind,
  key: want.key,
  remoteId: there?.remoteId ?? null,
  object: want,
  observed: digestOf(there),
  projection,
  needsConfirmation: projection?.is === "widened",
})

/** Only what we made, still carries our mark, stands in our table and is not protected may be deleted. */
function decideUnwanted(had: AppliedObject, there: RemoteObject, policy: PlanPolicy, sink: Sink): void {
  if (there.remoteId !== had.remoteId)
    return sink.keep(had, "replaced", "It is not wanted any more, but another object stands in its place.")
  if (had.protected) return sink.keep(had, "protected", "It is protected: never deleted.")
  if (had.origin === "adopted") return sink.keep(had, "adopted", "It was adopted, not made by us: never deleted.")
  if (!there.marked) return sink.keep(had, "unmarked", "Our mark is missing on the provider, so it is not deleted.")
  if (had.kind === "client" && policy.rotating.has(had.key) && !policy.disabled.has(had.key))
    return sink.keep(had, "rotating", "A rotation is in flight: it can be deleted when that is done.")
  sink.change({
    verb: "delete",
    kind: had.kind,
    key: had.key,
    remoteId: had.remoteId,
    object: null,
    observed: digestOf(there),
    projection: null,
    needsConfirmation: true,
    fields: Object.keys(had.fields).map((field) => ({ field, from: shown(there.fields[field]), to: null })),
  })
}

const refusedBecause = (refusal: readonly Refusal[]): string =>
  `The provider would refuse it: ${refusal.map(({ path, why }) => `${path} ${why}`).join("; ")}.`

/** What becomes no object there, or another one, is told as well: nothing that is wanted goes without a word. */
function keepUnheld({ notHeld, refused, notes, project, readOnly }: PlanPolicy, sink: Sink): void {
  if (readOnly !== null) return
  const refusals = Map.groupBy(refused, idOf)
  for (const object of notHeld) {
    const refusal = refusals.get(idOf(object))
    if (refusal) sink.keep(object, "refused", refusedBecause(refusal))
    if (object.kind !== "grant") continue
    const projection = project(object)
    if (projection.is === "unsupported") sink.keep(object, "unsupported", projection.why)
  }
  for (const note of notes) sink.keep(note, "adjusted", note.why)
}

function keepForeign(foreign: readonly RemoteObject[], sink: Sink): void {
  for (const object of foreign.slice(0, foreignShownMax))
    sink.keep(object, "not_ours", "Not ours: it was not made or adopted by Grantry.")
  const more = foreign.length - foreignShownMax
  if (more > 0) sink.keep({ kind: "client", key: "*" }, "not_ours", `${more} more objects are not ours.`)
}

const list = (words: readonly string[]): string => words.join(", ")
