/**
 * The rotation machine, pure. reliability.md section 3. `next` says where an event leads, or why it leads nowhere; the
 * effect that a situation asks for is computed from the situation alone, so whoever restarts after a crash finds it again.
 */
export const states = [
  "planned",
  "intent",
  "created",
  "verified",
  "published",
  "cut_over",
  "grace",
  "old_revoked",
  "done",
  "aborted",
  "stuck",
  "secret_unknown",
] as const
export type State = (typeof states)[number]
export type Strategy = "overlap" | "in_place"

export const finalStates = ["done", "aborted"] as const satisfies readonly State[]
export const isFinal = (state: State): boolean => (finalStates as readonly State[]).includes(state)

/** All that a decision depends on. The shell reads it from the rotation's row. */
export interface Situation {
  readonly state: State
  readonly strategy: Strategy
  /** Where it was when it got stuck. */
  readonly stuckFrom: State | null
  readonly abortRequested: boolean
  /** In place: a named person said that the service holds both secrets. */
  readonly confirmed: boolean
  /** The old secret is to end now: gate, override or emergency decide whether it may. */
  readonly retireRequested: boolean
  readonly override: boolean
  readonly emergency: boolean
}

export type Event =
  | { readonly is: "sealed" }
  | { readonly is: "issued" }
  | { readonly is: "answer_lost" }
  | { readonly is: "unseen_removed" }
  | { readonly is: "canary_passed" }
  | { readonly is: "delivered" }
  | { readonly is: "confirmed" }
  | { readonly is: "cut_over" }
  | { readonly is: "switched" }
  | { readonly is: "grace_began" }
  | { readonly is: "retire_asked"; readonly gateOpen: boolean; readonly override: boolean }
  | { readonly is: "gate_shut" }
  | { readonly is: "old_gone"; readonly gateOpen: boolean }
  | { readonly is: "packed" }
  | { readonly is: "emergency" }
  | { readonly is: "abort_asked" }
  | { readonly is: "new_gone" }
  | { readonly is: "failed" }
  /** In place: the provider said no, and no attempt can have been taken, so the old secret still works. A person decides anew. */
  | { readonly is: "switch_refused" }
  | { readonly is: "resumed" }
  /** The client was deleted at the provider, and every secret with it: nothing is left to rotate. */
  | { readonly is: "client_gone" }
export type EventName = Event["is"]

/**
 * What the shell does next. `seal`, `cut_over`, `begin_grace` and `deliver_none` touch our own tables only; the others
 * call the provider under `rotationId:effect`.
 */
export const effects = [
  "seal",
  "issue",
  "remove_unseen",
  "verify",
  "deliver_none",
  "cut_over",
  "switch",
  "begin_grace",
  "retire_old",
  "pack",
  "remove_new",
] as const
export type Effect = (typeof effects)[number]

export type Step =
  | { readonly state: State; readonly set: Partial<Situation>; readonly effect: Effect | null }
  | { readonly refused: string; readonly why: string }

const overlap: Readonly<Partial<Record<State, Partial<Record<EventName, State>>>>> = {
  planned: { sealed: "intent", abort_asked: "aborted" },
  intent: { issued: "created", answer_lost: "secret_unknown" },
  secret_unknown: { unseen_removed: "intent" },
  created: { canary_passed: "verified" },
  verified: { delivered: "published" },
  published: { cut_over: "cut_over" },
  cut_over: { grace_began: "grace" },
  grace: { old_gone: "old_revoked" },
  old_revoked: { packed: "done" },
}

/** In place the call is the cut-over: delivery comes first, there is no grace, and the proof comes after. */
const inPlace: typeof overlap = {
  planned: { sealed: "intent", abort_asked: "aborted" },
  intent: { delivered: "published" },
  published: { switched: "cut_over" },
  cut_over: { canary_passed: "verified" },
  verified: { packed: "done" },
}

/** Before these the old secret is untouched, and an abort leaves only it. */
const abortable: Readonly<Record<Strategy, readonly State[]>> = {
  overlap: ["planned", "intent", "secret_unknown", "created", "verified", "published"],
  in_place: ["planned", "intent", "published"],
}

const refuse = (refused: string, why: string): Step => ({ refused, why })

/** Where `event` leads from `now`. Refused events change nothing and say why. */
export function next(now: Situation, event: Event): Step {
  if (isFinal(now.state)) return refuse("rotation_over", `This rotation is ${now.state}.`)
  const special = request(now, event)
  if (special) return special
  if (now.state === "stuck") return refuse("rotation_stuck", "This rotation is stuck and waits for a person.")
  if (now.abortRequested && event.is !== "new_gone") return refuse("aborting", "This rotation is being aborted.")
  const table = now.strategy === "overlap" ? overlap : inPlace
  const to = table[now.state]?.[event.is]
  if (to === undefined) return refuse("wrong_state", `${event.is} has no meaning while the rotation is ${now.state}.`)
  if (event.is === "old_gone" && !mayRetire(now, event.gateOpen))
    return refuse("gate_closed", "The old secret's disuse is not shown.")
  if (event.is === "switched" && !now.confirmed)
    return refuse("downtime_confirmation_needed", "Nobody confirmed that the service holds both secrets.")
  return move(now, to)
}

/** Invariant 3: the gate at its grade, or a named person's override, or an emergency. */
export const mayRetire = (now: Situation, gateOpen: boolean): boolean => gateOpen || now.override || now.emergency

const move = (now: Situation, state: State, set: Partial<Situation> = {}): Step => ({
  state,
  set,
  effect: effectOf({ ...now, ...set, state }),
})

/** What people ask for, and trouble: these may come in many states. */
function request(now: Situation, event: Event): Step | null {
  switch (event.is) {
    case "abort_asked": {
      const from = now.state === "stuck" ? (now.stuckFrom ?? "stuck") : now.state
      if (!abortable[now.strategy].includes(from) || (now.strategy === "in_place" && now.confirmed)) {
        return refuse(
          "too_late_to_abort",
          "The new secret is in use by now: aborting would take it away from the service.",
        )
      }
      if (from === "planned") return move(now, "aborted", { abortRequested: true, stuckFrom: null })
      return move(now, from, { abortRequested: true, stuckFrom: null })
    }
    case "new_gone":
      return now.abortRequested ? move(now, "aborted") : refuse("wrong_state", "Nobody asked to abort this rotation.")
    case "emergency":
      if (now.strategy === "in_place") return refuse("wrong_state", "In place the old secret ends with the switch.")
      if (now.abortRequested) return refuse("aborting", "This rotation is being aborted.")
      return move(now, now.state === "stuck" ? (now.stuckFrom ?? "stuck") : now.state, {
        emergency: true,
        retireRequested: true,
        stuckFrom: null,
      })
    case "retire_asked":
      if (now.state !== "grace")
        return refuse("not_in_grace", `The old secret can be retired from grace; this rotation is ${now.state}.`)
      if (!mayRetire(now, event.gateOpen) && !event.override)
        return refuse("gate_closed", "The old secret's disuse is not shown.")
      return move(now, "grace", { retireRequested: true, override: now.override || event.override })
    case "gate_shut":
      if (now.state !== "grace" || mayRetire(now, false)) return refuse("wrong_state", "Nothing waits for the gate.")
      return move(now, "grace", { retireRequested: false })
    case "confirmed":
      if (now.strategy !== "in_place") return refuse("wrong_state", "With overlap there is no switch to confirm.")
      if (now.state !== "published") return refuse("not_delivered", "The new secret has not been delivered yet.")
      return move(now, "published", { confirmed: true })
    case "failed":
      return now.state === "stuck"
        ? refuse("rotation_stuck", "It is stuck already.")
        : move(now, "stuck", { stuckFrom: now.state })
    case "switch_refused":
      return now.strategy === "in_place" && now.state === "published" && now.confirmed
        ? move(now, "stuck", { stuckFrom: "published", confirmed: false })
        : refuse("wrong_state", "No switch was asked for.")
    case "client_gone":
      return move(now, "aborted", { stuckFrom: null })
    case "resumed":
      return now.state === "stuck" && now.stuckFrom
        ? move(now, now.stuckFrom, { stuckFrom: null })
        : refuse("wrong_state", "This rotation is not stuck.")
    default:
      return null
  }
}

const overlapEffects: Readonly<Partial<Record<State, Effect>>> = {
  planned: "seal",
  intent: "issue",
  secret_unknown: "remove_unseen",
  created: "verify",
  published: "cut_over",
  cut_over: "begin_grace",
  old_revoked: "pack",
}
const inPlaceEffects: Readonly<Partial<Record<State, Effect>>> = {
  planned: "seal",
  cut_over: "verify",
  verified: "pack",
}

/** The effect that a situation asks for; null where it waits for a person or for evidence. */
export function effectOf(now: Situation): Effect | null {
  if (isFinal(now.state) || now.state === "stuck") return null
  if (now.abortRequested) return "remove_new"
  if (now.strategy === "in_place")
    return now.state === "published" && now.confirmed ? "switch" : (inPlaceEffects[now.state] ?? null)
  if (now.state === "grace") return now.retireRequested ? "retire_old" : null
  if (now.state === "verified") return now.emergency ? "deliver_none" : null
  return overlapEffects[now.state] ?? null
}
