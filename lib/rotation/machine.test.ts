import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  effectOf,
  isFinal,
  mayRetire,
  next,
  states,
  type Effect,
  type Event,
  type Situation,
  type State,
  type Strategy,
} from "./machine.ts"

const at = (state: State, more: Partial<Situation> = {}): Situation => ({
  state,
  strategy: "overlap",
  stuckFrom: null,
  abortRequested: false,
  confirmed: false,
  retireRequested: false,
  override: false,
  emergency: false,
  ...more,
})
const open = { is: "old_gone", gateOpen: true } as const
const shut = { is: "old_gone", gateOpen: false } as const
const ask = (gateOpen: boolean, override: boolean) => ({ is: "retire_asked", gateOpen, override }) as const
const ev = (is: Exclude<Event["is"], "retire_asked" | "old_gone">): Event => ({ is })

/** Every transition that exists, and the refusals that matter. The table is the specification (reliability.md 3.1). */
const table: readonly [from: Situation, event: Event, to: State | { refused: string }, effect?: Effect | null][] = [
  [at("planned"), ev("sealed"), "intent", "issue"],
  [at("intent"), ev("issued"), "created", "verify"],
  [at("intent"), ev("answer_lost"), "secret_unknown", "remove_unseen"],
  [at("secret_unknown"), ev("unseen_removed"), "intent", "issue"],
  [at("created"), ev("canary_passed"), "verified", null],
  [at("created", { emergency: true }), ev("canary_passed"), "verified", "deliver_none"],
  [at("verified"), ev("delivered"), "published", "cut_over"],
  [at("published"), ev("cut_over"), "cut_over", "begin_grace"],
  [at("cut_over"), ev("grace_began"), "grace", null],
  [at("cut_over", { retireRequested: true, emergency: true }), ev("grace_began"), "grace", "retire_old"],
  [at("grace"), ask(true, false), "grace", "retire_old"],
  [at("grace"), ask(false, true), "grace", "retire_old"],
  [at("grace"), ask(false, false), { refused: "gate_closed" }],
  [at("verified"), ask(true, true), { refused: "not_in_grace" }],
  [at("grace", { retireRequested: true }), ev("gate_shut"), "grace", null],
  [at("grace", { retireRequested: true, override: true }), ev("gate_shut"), { refused: "wrong_state" }],
  [at("stuck", { stuckFrom: "grace" }), ev("emergency"), "grace", "retire_old"],
  [at("grace"), open, "old_revoked", "pack"],
  [at("grace"), shut, { refused: "gate_closed" }],
  [at("grace", { override: true }), shut, "old_revoked", "pack"],
  [at("grace", { emergency: true }), shut, "old_revoked", "pack"],
  [at("old_revoked"), ev("packed"), "done", null],
  [at("created"), ev("delivered"), { refused: "wrong_state" }],
  [at("planned"), ev("abort_asked"), "aborted", null],
  [at("intent"), ev("abort_asked"), "intent", "remove_new"],
  [at("verified"), ev("abort_asked"), "verified", "remove_new"],
  [at("verified", { abortRequested: true }), ev("delivered"), { refused: "aborting" }],
  [at("verified", { abortRequested: true }), ev("new_gone"), "aborted", null],
  [at("verified"), ev("new_gone"), { refused: "wrong_state" }],
  [at("cut_over"), ev("abort_asked"), { refused: "too_late_to_abort" }],
  [at("grace"), ev("abort_asked"), { refused: "too_late_to_abort" }],
  [at("created"), ev("failed"), "stuck", null],
  [at("stuck", { stuckFrom: "created" }), ev("resumed"), "created", "verify"],
  [at("stuck", { stuckFrom: "created" }), ev("abort_asked"), "created", "remove_new"],
  [at("stuck", { stuckFrom: "grace" }), ev("abort_asked"), { refused: "too_late_to_abort" }],
  [at("stuck", { stuckFrom: "created" }), ev("canary_passed"), { refused: "rotation_stuck" }],
  [at("created"), ev("emergency"), "created", "verify"],
  [at("verified"), ev("emergency"), "verified", "deliver_none"],
  [at("grace"), ev("emergency"), "grace", "retire_old"],
  [at("done"), ev("emergency"), { refused: "rotation_over" }],
  [at("aborted"), ev("sealed"), { refused: "rotation_over" }],
  [at("planned", { strategy: "in_place" }), ev("sealed"), "intent", null],
  [at("intent", { strategy: "in_place" }), ev("issued"), { refused: "wrong_state" }],
  [at("intent", { strategy: "in_place" }), ev("delivered"), "published", null],
  [at("published", { strategy: "in_place" }), ev("switched"), { refused: "downtime_confirmation_needed" }],
  [at("published", { strategy: "in_place" }), ev("confirmed"), "published", "switch"],
  [at("published", { strategy: "in_place", confirmed: true }), ev("switched"), "cut_over", "verify"],
  [at("published", { strategy: "in_place", confirmed: true }), ev("switch_refused"), "stuck", null],
  [at("published", { strategy: "in_place" }), ev("switch_refused"), { refused: "wrong_state" }],
  [at("cut_over", { strategy: "in_place", confirmed: true }), ev("switch_refused"), { refused: "wrong_state" }],
  [at("published", { strategy: "in_place", confirmed: true }), ev("abort_asked"), { refused: "too_late_to_abort" }],
  [at("cut_over", { strategy: "in_place" }), ev("canary_passed"), "verified", "pack"],
  [at("verified", { strategy: "in_place" }), ev("packed"), "done", null],
  [at("intent", { strategy: "in_place" }), ev("emergency"), { refused: "wrong_state" }],
  [at("published"), ev("confirmed"), { refused: "wrong_state" }],
  [at("created"), ev("client_gone"), "aborted", null],
  [at("grace", { retireRequested: true }), ev("client_gone"), "aborted", null],
  [at("stuck", { stuckFrom: "cut_over" }), ev("client_gone"), "aborted", null],
  [at("verified", { abortRequested: true }), ev("client_gone"), "aborted", null],
  [at("published", { strategy: "in_place", confirmed: true }), ev("client_gone"), "aborted", null],
  [at("done"), ev("client_gone"), { refused: "rotation_over" }],
]

describe("the transition table", () => {
  test.each(table.map((row) => ({ row, name: `${row[0].strategy} ${row[0].state} + ${row[1].is}` })))(
    "$name",
    ({ row: [from, event, to, effect] }) => {
      const step = next(from, event)
      if (typeof to === "object") expect(step).toMatchObject(to)
      else expect(step).toMatchObject({ state: to, effect })
    },
  )
})

const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  fc
    .constantFrom<Event["is"]>(
      "sealed",
      "issued",
      "answer_lost",
      "unseen_removed",
      "canary_passed",
      "delivered",
      "confirmed",
      "cut_over",
      "switched",
      "grace_began",
      "packed",
      "emergency",
      "gate_shut",
      "abort_asked",
      "new_gone",
      "failed",
      "switch_refused",
      "resumed",
      "client_gone",
    )
    .map((is) => ({ is }) as Event),
  fc.record({ is: fc.constant("retire_asked" as const), gateOpen: fc.boolean(), override: fc.boolean() }),
  fc.record({ is: fc.constant("old_gone" as const), gateOpen: fc.boolean() }),
)
const strategies = fc.constantFrom<Strategy>("overlap", "in_place")

/** Walks a rotation through events, and hands each accepted step to `see`. */
function walk(
  strategy: Strategy,
  events: readonly Event[],
  see: (before: Situation, event: Event, after: Situation) => void,
): void {
  let now = at("planned", { strategy })
  for (const event of events) {
    const step = next(now, event)
    if ("refused" in step) continue
    const after = { ...now, ...step.set, state: step.state }
    see(now, event, after)
    expect(step.effect).toBe(effectOf(after))
    now = after
  }
}

describe("laws", () => {
  const runs = { numRuns: 2_000 }
  const story = fc.array(anyEvent, { maxLength: 60 })

  test("the old secret is revoked only after verified, published and a permission to retire", () => {
    fc.assert(
      fc.property(story, (events) => {
        const been = new Set<State>()
        walk("overlap", events, (before, event, after) => {
          been.add(after.state)
          if (after.state !== "old_revoked" || before.state === "old_revoked") return
          expect(been.has("verified") && been.has("published")).toBe(true)
          expect(event.is === "old_gone" && mayRetire(before, event.gateOpen)).toBe(true)
        })
      }),
      runs,
    )
  })

  test("in place, the switch comes only after delivery and a named person's confirmation", () => {
    fc.assert(
      fc.property(story, (events) => {
        const been = new Set<State>()
        walk("in_place", events, (before, _event, after) => {
          been.add(after.state)
          if (after.state === "cut_over" && before.state === "published")
            expect(been.has("published") && before.confirmed).toBe(true)
        })
      }),
      runs,
    )
  })

  test("nothing leaves a final state, and a rotation that was aborted while its client stood never reached cut-over", () => {
    fc.assert(
      fc.property(strategies, story, (strategy, events) => {
        const been: State[] = []
        walk(strategy, events, (before, event, after) => {
          expect(isFinal(before.state)).toBe(false)
          been.push(after.state)
          if (after.state === "aborted" && event.is !== "client_gone") expect(been).not.toContain("cut_over")
        })
      }),
      runs,
    )
  })

  test("an effect that removes the new secret and one that retires the old never come from one situation", () => {
    fc.assert(
      fc.property(strategies, story, (strategy, events) => {
        let aborted = false
        walk(strategy, events, (_before, _event, after) => {
          const effect = effectOf(after)
          if (effect === "remove_new") aborted = true
          if (aborted) expect(effect === "retire_old" || effect === "switch").toBe(false)
        })
      }),
      runs,
    )
  })

  test("every state is reached by some story", () => {
    const reached = new Set<State>(["planned"])
    for (const [from, event] of table) {
      const step = next(from, event)
      if (!("refused" in step)) reached.add(step.state)
    }
    expect([...states].filter((s) => !reached.has(s))).toEqual([])
  })
})
