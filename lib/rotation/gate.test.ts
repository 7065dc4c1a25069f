import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { gate, grades, span, type Evidence } from "./gate.ts"

const t = (minutes: number) => new Date(Date.UTC(2027, 0, 1, 12, minutes))
const evidence = (more: Partial<Evidence> = {}): Evidence => ({
  grade: "A",
  graceStartedAt: t(0),
  graceSeconds: 600,
  oldLastSeenAt: null,
  newLastSeenAt: t(1),
  completeUntil: t(10),
  gap: null,
  ...more,
})

describe("the gate", () => {
  test("opens when the new secret is used, the old one is not, and the log is complete over the whole window", () => {
    expect(gate(evidence())).toMatchObject({
      open: true,
      grade: "A",
      complete_until: t(10).toISOString(),
      why: "No use of the old secret is recorded. None since; log complete until 2027-01-01 12:10:00 UTC.",
    })
  })

  const closed: readonly [string, Partial<Evidence>, string][] = [
    ["before grace", { graceStartedAt: null }, "The new secret has not been delivered yet."],
    [
      "at grade D, however long the timer ran",
      { grade: "D", completeUntil: t(50) },
      "No log names the secret. A timer of 10 min is no evidence: retiring needs an override with a reason.",
    ],
    ["while nobody used the new secret", { newLastSeenAt: null }, "No service has used the new secret yet."],
    [
      "when only our canary used the new secret, before grace",
      { newLastSeenAt: t(-1) },
      "No service has used the new secret yet.",
    ],
    [
      "one second before the window is complete",
      { completeUntil: new Date(t(10).getTime() - 1000) },
      "No use of the old secret is recorded; unseen for 10 min of a complete log, 10 min are needed.",
    ],
    [
      "when the old secret was used during grace: the window begins again",
      { oldLastSeenAt: t(4), completeUntil: t(13) },
      "Old secret last used 2027-01-01 12:04:00 UTC; unseen for 9 min of a complete log, 10 min are needed.",
    ],
    [
      "over a gap",
      { completeUntil: t(60), gap: "the source local was silent from 12:05 to 12:09." },
      "Cannot tell: the source local was silent from 12:05 to 12:09. The gate stays closed.",
    ],
    [
      "without a source",
      { completeUntil: null },
      "Cannot tell: no source of token events says until when it is complete.",
    ],
    [
      "when the log ends before the last use that we know of",
      { oldLastSeenAt: t(30), completeUntil: t(20) },
      "The log is complete until 2027-01-01 12:20:00 UTC only, before the time that counts.",
    ],
  ]
  test.each(closed)("stays closed %s", (_name, more, why) => {
    expect(gate(evidence(more))).toMatchObject({ open: false, why })
  })

  test("use of the old secret before grace does not count against it", () => {
    expect(gate(evidence({ oldLastSeenAt: t(-5) })).open).toBe(true)
  })

  test("it says when it can open at the earliest", () => {
    expect(gate(evidence({ oldLastSeenAt: t(4), completeUntil: t(5) })).opens_at).toBe(t(14).toISOString())
  })

  test("property: an open gate had its whole window complete and free of the old secret", () => {
    const date = fc.option(fc.integer({ min: -60, max: 60 }).map(t), { nil: null })
    const any = fc.record({
      grade: fc.constantFrom(...grades),
      graceStartedAt: date,
      graceSeconds: fc.integer({ min: 0, max: 3600 }),
      oldLastSeenAt: date,
      newLastSeenAt: date,
      completeUntil: date,
      gap: fc.option(fc.constant("silent."), { nil: null }),
    })
    fc.assert(
      fc.property(any, (e) => {
        const verdict = gate(e)
        expect(verdict.open).toBe(verdict.conditions.every((c) => c.is))
        if (!verdict.open) return
        const { graceStartedAt, completeUntil } = e
        if (graceStartedAt === null || completeUntil === null) throw new Error("open without times")
        const windowStart = completeUntil.getTime() - e.graceSeconds * 1000
        expect(
          windowStart >= graceStartedAt.getTime() &&
            (e.oldLastSeenAt?.getTime() ?? -Infinity) <= windowStart &&
            e.gap === null &&
            e.grade !== "D",
        ).toBe(true)
      }),
      { numRuns: 3_000 },
    )
  })

  test("spans are told in the unit a person would use", () => {
    expect([span(90), span(900), span(7_200), span(604_800)]).toEqual(["90 s", "15 min", "2 h", "7 d"])
  })
})
