import { describe, expect, it } from "vitest"
import { whole } from "./whole.ts"

describe("what stands in a field for a whole number", () => {
  it.each<[string, number | ""]>([
    ["", ""],
    ["  ", ""],
    ["90", 90],
    [" 007 ", 7],
    ["86,400", 86_400],
    ["86 400", 86_400],
    ["86_400", 86_400],
    ["1,000,000", 1_000_000],
  ])("%j is read as %j", (text, value) => {
    expect(whole(text, 1, 2_000_000)).toEqual({ value })
  })

  it.each(["36.5", "36,5", "1e2", "-90", "+90", "0x10", "ninety", "9o", "1,0000", ",", "3 6", "Infinity", "٣٦"])(
    "%j is told and never read as another number",
    (text) => {
      expect(whole(text, 0, Number.MAX_SAFE_INTEGER)).toEqual({ why: "A whole number, in digits only." })
    },
  )

  it.each(["0", "366", "999999999999999999999"])("%s outside its bounds is told with the bounds", (text) => {
    expect(whole(text, 1, 365)).toEqual({ why: "From 1 to 365." })
  })
})
