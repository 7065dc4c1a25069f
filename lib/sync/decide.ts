/**
 * What one step of an apply does, from what the provider shows right now; what keeps it from being tried; what a plan has
 * become in the end. Pure. "Started" means that an intent stands in the journal: the call may or may not have been made, so
 * the provider is asked and nothing is sent blindly.
 */
import {
  splitGrantKey,
  type DesiredObject,
  type FieldChange,
  type ObjectKind,
  type RemoteObject,
} from "../connectors/objects.ts"
import { digestOf, isUnknown, same } from "./normal.ts"
import { credentialFields, type Verb } from "./plan.ts"

export interface Step {
  readonly verb: Verb
  readonly kind: ObjectKind
  readonly key: string
  readonly remoteId: string | null
  readonly fields: readonly FieldChange[]
  readonly object: DesiredObject | null
  readonly observed: string | null
  /** `planId:changeId`. */
  readonly marker: string
  /** What Grantry says of it as the apply goes to its provider; since the plan was made that may have changed. */
  readonly standing: "ours" | "protected" | "not_ours"
}

export type Decision =
  | { readonly do: "create"; readonly object: DesiredObject }
  | {
      readonly do: "update"
      readonly object: DesiredObject
      readonly remoteId: string
      readonly fields: readonly FieldChange[]
    }
  | { readonly do: "remove"; readonly remoteId: string }
  | { readonly do: "nothing"; readonly found: RemoteObject | null }
  | { readonly do: "stop"; readonly why: string }

export function decide(step: Step, found: RemoteObject | null, started: boolean): Decision {
  if (step.verb === "delete") return decideDelete(step, found)
  if (step.object === null) return { do: "stop", why: "The plan does not say what is wanted." }
  return step.verb === "create"
    ? decideCreate(step, step.object, found, started)
    : decideUpdate(step, step.object, found, started)
}

function decideCreate(step: Step, object: DesiredObject, found: RemoteObject | null, started: boolean): Decision {
  if (!found) return { do: "create", object }
  const ours =
    started && found.marked && (found.marker === undefined || found.marker === null || found.marker === step.marker)
  if (!ours) return { do: "stop", why: "Since the plan was made, somebody else has made an object of this name." }
  const fields = lacking(step.fields, found)
  return fields.length === 0 ? { do: "nothing", found } : { do: "update", object, remoteId: found.remoteId, fields }
}

const notOurs = "Since the plan was made, Grantry was told to manage it no more."

function decideUpdate(step: Step, object: DesiredObject, found: RemoteObject | null, started: boolean): Decision {
  if (!found) return { do: "stop", why: "Since the plan was made, it was deleted on the provider." }
  if (found.remoteId !== step.remoteId)
    return { do: "stop", why: "Since the plan was made, another object took its place." }
  if (step.standing === "not_ours") return { do: "stop", why: notOurs }
  const open = lacking(step.fields, found)
  if (open.length === 0) return { do: "nothing", found }
  const half = started && open.every(({ field, from }) => same(found.fields[field], from))
  if (digestOf(found) === step.observed || half)
    return { do: "update", object, remoteId: found.remoteId, fields: step.fields }
  return { do: "stop", why: "Since the plan was made, it changed on the provider." }
}

function decideDelete(step: Step, found: RemoteObject | null): Decision {
  if (!found) return { do: "nothing", found }
  if (found.remoteId !== step.remoteId)
    return { do: "stop", why: "Since the plan was made, another object took its place." }
  if (step.standing === "not_ours") return { do: "stop", why: notOurs }
  if (step.standing === "protected") return { do: "stop", why: "Since the plan was made, it was protected." }
  if (!found.marked) return { do: "stop", why: "Our mark is missing on the provider." }
  if (digestOf(found) !== step.observed)
    return { do: "stop", why: "Since the plan was made, it changed on the provider." }
  return { do: "remove", remoteId: found.remoteId }
}

/** The changes that the provider does not show yet. What it would not tell is taken as written. */
export const lacking = (fields: readonly FieldChange[], found: RemoteObject): readonly FieldChange[] =>
  fields.filter(({ field, to }) => !isUnknown(found, field) && !same(found.fields[field], to))

/** A grant needs both ends; what is deleted needs its grants gone. The first one that failed, or null. */
export function blockerOf(step: Pick<Step, "kind" | "key" | "verb">, failed: ReadonlySet<string>): string | null {
  if (step.kind === "grant") {
    if (step.verb === "delete") return null
    const { client, audience } = splitGrantKey(step.key)
    return failed.has(`client ${client}`) ? client : failed.has(`audience ${audience}`) ? audience : null
  }
  if (step.verb !== "delete") return null
  for (const id of failed) {
    if (!id.startsWith("grant ")) continue
    const { client, audience } = splitGrantKey(id.slice("grant ".length))
    if ((step.kind === "client" ? client : audience) === step.key) return id
  }
  return null
}

/**
 * It would take the ground from under a rotation of this client: its credentials change, or it goes. One that was disabled
 * goes all the same: that is the kill switch where a provider has no other, and the rotation ends with it.
 */
export const disturbsRotation = (
  { kind, verb, fields }: Pick<Step, "kind" | "verb" | "fields">,
  client: "enabled" | "disabled",
): boolean =>
  kind === "client" &&
  (verb === "delete"
    ? client === "enabled"
    : verb === "update" && fields.some(({ field }) => credentialFields.has(field)))

/** What a plan has become, from its items. Null while one is still open. */
export function endOf(
  items: readonly { readonly status: string; readonly code: string | null }[],
): "applied" | "partially_applied" | "stale" | "failed" | null {
  if (items.some(({ status }) => status === "pending" || status === "intent")) return null
  const bad = items.filter(({ status }) => status !== "done")
  if (bad.length === 0) return "applied"
  if (bad.length < items.length || bad.some(({ status, code }) => status === "unknown" || code === "partial"))
    return "partially_applied"
  return bad.every(({ code }) => code === "stale" || code === "depends") ? "stale" : "failed"
}
