import { describe, expect, it } from "vitest"
import { activeAt, taken, type PickState } from "./taken.ts"

const option = (value: string, label = value) => ({ value, label })
const greek = [option("alpha"), option("beta"), option("alphabet")]
const state = (part: Partial<PickState>): PickState => ({
  shown: greek,
  value: null,
  typed: null,
  walked: null,
  asked: false,
  searching: false,
  ...part,
})

describe("Enter in a searchable list", () => {
  it.each<[string, Partial<PickState>, string | null | undefined]>([
    ["a list that was only opened gives the choice again", { value: "beta" }, "beta"],
    ["a list that was only opened gives nothing where nothing is chosen", {}, undefined],
    ["searched here, the first that fits", { typed: "al", shown: [option("alpha"), option("alphabet")] }, "alpha"],
    [
      "searched here, a label typed in full before the first that fits",
      { typed: "Alpha ", shown: [option("alphabet"), option("alpha")] },
      "alpha",
    ],
    ["searched by the server, no first answer", { typed: "al", asked: true }, undefined],
    ["searched by the server, a label typed in full", { typed: "Beta", asked: true }, "beta"],
    [
      "searched by the server, the label and not the value is what was typed",
      {
        typed: "https://pay.internal",
        asked: true,
        shown: [option("1", "https://x"), option("2", "https://pay.internal")],
      },
      "2",
    ],
    [
      "the present choice is not taken again for another text",
      { typed: "bet", asked: true, value: "alpha" },
      undefined,
    ],
    ["no option fits", { typed: "omega", shown: [] }, undefined],
    ["where the arrows went", { typed: "al", asked: true, walked: "alphabet" }, "alphabet"],
    ["where the arrows went, before the label typed in full", { typed: "alpha", walked: "beta" }, "beta"],
    ["where the arrows went, gone from the list since", { typed: "al", walked: "omega" }, undefined],
    ["a cleared text clears the choice", { typed: "", value: "alpha" }, null],
    ["a cleared text, then arrows: what they announced", { typed: "", value: "alpha", walked: "beta" }, "beta"],
    ["spaces are no cleared text", { typed: "  ", value: "alpha" }, undefined],
  ])("%s", (_, part, wanted) => {
    const found = taken(state(part))
    expect(typeof found === "object" ? (found?.value ?? null) : found).toBe(wanted)
  })

  it.each<[string, Partial<PickState>, ReturnType<typeof taken>]>([
    ["a press before the answer waits for it", { typed: "beta" }, "later"],
    ["a list that was only opened has nothing to wait for", {}, undefined],
    ["a cleared text clears the choice at once", { typed: "" }, null],
  ])("%s", (_, part, wanted) => {
    expect(taken(state({ asked: true, searching: true, shown: [], value: "alpha", ...part }))).toBe(wanted)
  })

  it("what is announced is what is taken", () => {
    for (const typed of [null, "", "al", "beta", "omega"])
      for (const walked of [null, "alpha", "beta"])
        for (const asked of [false, true]) {
          const now = state({ typed, walked, asked, value: "alphabet" })
          const announced = now.shown[activeAt(now)]
          if (announced) expect(taken(now)).toBe(announced)
        }
  })
})
