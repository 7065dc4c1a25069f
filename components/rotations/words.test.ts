import { describe, expect, test } from "vitest"
import type { RotationDetail } from "../../lib/rotation/schema.ts"
import { rotation } from "./rotation.fixture.ts"
import { evidenceSentence, progressOf, standing, stateWords, stepsOf, strategySentence, valueToCome } from "./words.ts"

describe("stepper", () => {
  test("every state but the ends stands in exactly one step of overlap", () => {
    const states = stepsOf(rotation({})).flatMap((s) => s.states)
    expect(new Set(states).size).toBe(states.length)
    expect(new Set(states)).toEqual(
      new Set([
        "planned",
        "intent",
        "secret_unknown",
        "created",
        "verified",
        "published",
        "cut_over",
        "grace",
        "old_revoked",
      ]),
    )
  })

  test("grace is in Observe: four steps lie behind it, Remove before it", () => {
    expect(progressOf(rotation({ state: "grace" }))).toEqual(["done", "done", "done", "done", "current", "open"])
  })

  test("a stuck rotation stands where its journal ends", () => {
    const line = (step: string) => ({ step, phase: "failure", at: "", detail: null })
    expect(progressOf(rotation({ state: "stuck", steps: [line("preflight"), line("issue"), line("verify")] }))).toEqual(
      ["done", "done", "current", "open", "open", "open"],
    )
  })

  test("an aborted one does none of what was left", () => {
    expect(progressOf(rotation({ state: "aborted" })).every((p) => p === "skipped")).toBe(true)
  })

  test("one that ended with its client says that, and not that the old secret stays", () => {
    const gone = rotation({ state: "aborted", ended_why: "order-service was deleted on sso." })
    expect([standing(gone), stateWords(gone)[2], stateWords(rotation({ state: "aborted" }))[2]]).toEqual([
      "order-service was deleted on sso.",
      "order-service was deleted on sso.",
      "The new secret was removed; the old one stays",
    ])
  })

  test("in place delivers before it switches", () => {
    expect(stepsOf({ strategy: "in_place" }).map((s) => s.key)).toEqual([
      "preflight",
      "deliver",
      "switch",
      "canary",
      "remove",
    ])
  })

  test("a list says why one is stuck before anything else, and of one that goes on by itself nothing", () => {
    expect([
      standing(rotation({ state: "stuck", waits_for: "person", stuck_why: "No.", client_without_secret: true })),
      standing(rotation({ waits_for: "delivery" })),
      standing(rotation({})),
    ]).toEqual(["No.", expect.stringMatching(/^Waits for delivery/), null])
  })
})

describe("in place", () => {
  const fresh = (revealable: boolean, revealedAt: string | null = null) => [
    {
      id: "n",
      role: "new" as const,
      state: "pending",
      fingerprint: "fp",
      created_at: "",
      verified_at: null,
      revealed_at: revealedAt,
      revealable,
      retired_at: null,
    },
  ]
  const line = (step: string, phase: string, detail: { strategy_why: string } | null = null) => ({
    step,
    phase,
    at: "",
    detail,
  })
  const inPlace = (of: Partial<RotationDetail>) => rotation({ strategy: "in_place", provider: "sso", ...of })

  test("a value is to come only while the provider has still to choose it", () => {
    expect([
      valueToCome(inPlace({ state: "intent", secrets: fresh(false) })),
      valueToCome(inPlace({ state: "published", secrets: fresh(false) })),
      valueToCome(inPlace({ state: "intent", secrets: fresh(true) })),
      valueToCome(inPlace({ state: "published", secrets: fresh(false, "2026-01-01T00:00:00Z") })),
      valueToCome(inPlace({ state: "cut_over", secrets: fresh(false) })),
      valueToCome(rotation({ state: "intent", secrets: fresh(false) })),
    ]).toEqual([true, true, false, false, false, false])
  })

  test("a client that was left without a secret is named though its rotation is done", () => {
    const done = inPlace({ state: "done", client: "order-service", client_without_secret: true })
    expect(standing(done)).toBe("order-service holds no secret that works: reveal the new one.")
    expect(standing({ ...done, client_without_secret: false })).toBeNull()
  })

  test("nothing is said of overlap, of a gate or of an override; the provider's own reason is", () => {
    const told = inPlace({ steps: [line("preflight", "result", { strategy_why: "The policy is off." })] })
    const said = [
      strategySentence(told),
      strategySentence(inPlace({})),
      evidenceSentence(inPlace({ evidence_grade: "D" })),
    ]
    expect(said[0]).toBe("The policy is off. The change takes effect at once.")
    expect(said.join(" ")).not.toMatch(/override|Both secrets/)
    expect(stateWords(inPlace({ state: "intent" }))[1]).toBe("prepared")
    expect(stateWords(rotation({ state: "intent" }))[1]).toBe("creating")
  })
})
