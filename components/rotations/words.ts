/** Words, tones and the stepper's arrangement of a rotation. Pure. ux.md 3.5, reliability.md 3.1. */
import { isObject } from "../../lib/base/json.ts"
import type { RotationDetail, RotationView, Waiting } from "../../lib/rotation/schema.ts"
import type { Tone } from "../ui/StatusBadge.tsx"

type State = RotationView["state"]

type StateWords = readonly [tone: Tone, word: string, meaning: string]

const states: Readonly<Record<State, StateWords>> = {
  planned: ["quiet", "planned", "Strategy, evidence grade and deadlines are fixed; nothing was written"],
  intent: ["info", "creating", "The new secret is sealed here; the provider is being told"],
  created: ["info", "created", "The provider holds the new secret; it is being proven with a real token"],
  verified: ["info", "verified", "The new secret fetched a real token; it waits for delivery"],
  published: ["info", "delivered", "The new secret is with its service"],
  cut_over: ["info", "cut over", "The new secret is the one in use"],
  grace: ["info", "grace", "Both secrets are accepted; the old one's use is watched"],
  old_revoked: ["info", "old ended", "The provider no longer accepts the old secret"],
  done: ["pass", "done", "The old secret is gone and the evidence is kept"],
  aborted: ["quiet", "aborted", "The new secret was removed; the old one stays"],
  stuck: ["fail", "stuck", "It needs a person"],
  secret_unknown: [
    "warn",
    "secret unknown",
    "The provider may hold a secret that nobody has: it is looked for and removed by its id",
  ],
}

/** In place nothing is at the provider before the switch. */
const inPlaceStates: Readonly<Partial<Record<State, StateWords>>> = {
  intent: ["info", "prepared", "Nothing has changed at the provider; the service is made ready first"],
  published: ["info", "ready to switch", "The service is said to be ready; the old secret still works"],
  cut_over: ["info", "switched", "The provider accepts the new secret only; it is being proven with a real token"],
  verified: ["info", "proven", "The new secret fetched a real token"],
}
export function stateWords(r: Pick<RotationView, "state" | "strategy" | "ended_why">): StateWords {
  if (r.ended_why !== null) return ["quiet", "aborted", r.ended_why]
  return (r.strategy === "in_place" ? inPlaceStates[r.state] : undefined) ?? states[r.state]
}

const waits: Readonly<Record<Waiting, string>> = {
  delivery: "Waits for delivery: reveal the new secret, or confirm that the service has it.",
  confirmation: "Waits for a named person to switch. Until then the old secret works.",
  evidence: "The overlap is over. The old secret ends when the gate opens.",
  grace: "Both secrets are accepted until the overlap ends.",
  person: "Stuck: a person must look.",
  retry: "The last attempt failed; the next one is due by itself.",
}

export const waitWords = (r: Pick<RotationView, "strategy">, waiting: Waiting): string =>
  r.strategy === "in_place" && waiting === "delivery"
    ? "Waits for a person to make the service ready for the switch."
    : waits[waiting]

/** What a list says of it beside its state; null: it goes on by itself. */
export function standing(r: RotationView): string | null {
  if (r.state === "stuck" && r.stuck_why !== null) return r.stuck_why
  if (r.ended_why !== null) return r.ended_why
  if (r.client_without_secret) return `${r.client} holds no secret that works: reveal the new one.`
  return r.waits_for && waitWords(r, r.waits_for)
}
export const isOver = (r: RotationView): boolean => r.state === "done" || r.state === "aborted"

export interface StepView {
  readonly key: "preflight" | "create" | "canary" | "deliver" | "observe" | "switch" | "remove"
  readonly title: string
  /** The step is being done in these states. */
  readonly states: readonly State[]
  /** Steps of the journal that belong to it. */
  readonly journal: readonly string[]
}

const preflight: StepView = {
  key: "preflight",
  title: "Preflight",
  states: ["planned"],
  journal: ["preflight", "seal"],
}
const canary = (states: readonly State[]): StepView => ({ key: "canary", title: "Canary", states, journal: ["verify"] })

const overlap: readonly StepView[] = [
  preflight,
  { key: "create", title: "Create", states: ["intent", "secret_unknown"], journal: ["issue", "remove_unseen"] },
  canary(["created"]),
  { key: "deliver", title: "Deliver", states: ["verified"], journal: ["deliver", "deliver_none"] },
  {
    key: "observe",
    title: "Observe",
    states: ["published", "cut_over", "grace"],
    journal: ["cut_over", "begin_grace", "gate", "override", "emergency"],
  },
  { key: "remove", title: "Remove", states: ["old_revoked"], journal: ["retire_old", "pack"] },
]

/** In place: delivery comes first, the call is the cut-over, the proof comes after. */
const inPlace: readonly StepView[] = [
  preflight,
  { key: "deliver", title: "Deliver first", states: ["intent"], journal: ["issue", "deliver"] },
  { key: "switch", title: "Switch", states: ["published"], journal: ["switch"] },
  canary(["cut_over"]),
  { key: "remove", title: "Keep the evidence", states: ["verified"], journal: ["pack"] },
]

export const stepsOf = (r: Pick<RotationView, "strategy">): readonly StepView[] =>
  r.strategy === "in_place" ? inPlace : overlap

export type Progress = "done" | "current" | "open" | "skipped"

/** Which step is done, current, or open. `stuckFrom` is not on the wire: the last journal line tells where a stuck one stands. */
export function progressOf(r: RotationDetail): readonly Progress[] {
  const steps = stepsOf(r)
  if (r.state === "done") return steps.map(() => "done")
  const at =
    r.state === "stuck" || r.state === "aborted"
      ? lastReached(r, steps)
      : steps.findIndex((s) => s.states.includes(r.state))
  return steps.map((_, i) =>
    i < at
      ? "done"
      : i > at
        ? r.state === "aborted"
          ? "skipped"
          : "open"
        : r.state === "aborted"
          ? "skipped"
          : "current",
  )
}

function lastReached(r: RotationDetail, steps: readonly StepView[]): number {
  const last = r.steps.findLast((line) => steps.some((s) => s.journal.includes(line.step)))
  return Math.max(
    0,
    steps.findIndex((s) => last !== undefined && s.journal.includes(last.step)),
  )
}

/** In place, while the provider has still to choose the new value: nobody can hold it yet. */
export function valueToCome(r: Pick<RotationDetail, "strategy" | "state" | "secrets">): boolean {
  const fresh = r.secrets.find((s) => s.role === "new")
  return (
    r.strategy === "in_place" &&
    (r.state === "intent" || r.state === "published") &&
    fresh !== undefined &&
    !fresh.revealable &&
    fresh.revealed_at === null
  )
}

/** The honest sentence of a strategy, with the provider's own reason as it was read before the start. */
export function strategySentence(r: Pick<RotationDetail, "strategy" | "provider" | "steps">): string {
  const told = r.steps.find((line) => line.step === "preflight")?.detail
  const why = isObject(told) && typeof told.strategy_why === "string" ? told.strategy_why : null
  if (r.strategy === "overlap")
    return `${why ? `${why} ` : ""}Both secrets work on ${r.provider} until we end the old one. If Grantry is not running, it stays valid.`
  return `${why ?? `${r.provider} keeps one secret.`} The change takes effect at once.`
}

/** In place the old secret ends with the switch, so nobody waits for its disuse. */
export const evidenceSentence = (r: Pick<RotationView, "strategy" | "evidence_grade">): string =>
  r.strategy === "in_place"
    ? "The switch ends the old secret: its use is not watched, and there is no gate."
    : (gradeSentence[r.evidence_grade] ?? "")

export const gradeSentence: Readonly<Record<string, string>> = {
  A: "Grade A: the provider's log names the secret of each token.",
  B: "Grade B: the service reports the fingerprint of its secret in its events.",
  C: "Grade C: delivery is proven; use is not observed.",
  D: "Grade D: no log names the secret. Ending the old one needs a named person's override with a reason.",
}

export const conditionWords: Readonly<Record<string, string>> = {
  in_grace: "Both secrets are accepted",
  log_names_secret: "A log names the secret",
  new_secret_in_use: "The new secret is in use",
  old_secret_unused: "The old secret is unused",
  log_complete: "The log is complete",
}

export const journalWords: Readonly<Record<string, string>> = {
  preflight: "Preflight",
  seal: "Seal the new value",
  issue: "Create at the provider",
  remove_unseen: "Remove a secret that nobody has",
  verify: "Canary token with the new secret",
  deliver: "Deliver",
  deliver_none: "Skip delivery (emergency)",
  cut_over: "New one is primary",
  begin_grace: "Grace begins",
  gate: "Gate",
  override: "Override of the gate",
  emergency: "Emergency revoke",
  retire_old: "End the old secret",
  pack: "Keep the evidence",
  switch: "Switch",
  client_gone: "The client is gone",
  remove_new: "Remove the new secret",
}
