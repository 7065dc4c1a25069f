import { describe, expect, it } from "vitest"
import { place, type Align, type Box } from "./place.ts"

const screen = { width: 1000, height: 600 }
const box = (left: number, top: number): Box => ({ left, top, right: left + 100, bottom: top + 30 })

describe("a box beside its anchor", () => {
  it.each<[Align, number]>([
    ["start", 400],
    ["end", 300],
    ["middle", 350],
  ])("keeps to the %s", (align, left) => {
    expect(place(box(400, 100), { width: 200, height: 150 }, screen, align).left).toBe(left)
  })

  it.each<[string, Box, Align, number]>([
    ["right", box(950, 100), "start", 792],
    ["left", box(-40, 100), "end", 8],
  ])("does not leave the screen at the %s", (_, anchor, align, left) => {
    expect(place(anchor, { width: 200, height: 150 }, screen, align).left).toBe(left)
  })

  it("stands below where it fits, above where only that side has the room", () => {
    expect(place(box(0, 100), { width: 200, height: 150 }, screen, "start").top).toBe(135)
    expect(place(box(0, 500), { width: 200, height: 150 }, screen, "start").top).toBe(345)
  })

  it("stands above where that is wanted, below at the top of the screen", () => {
    expect(place(box(0, 300), { width: 80, height: 24 }, screen, "middle", "above").top).toBe(271)
    expect(place(box(0, 4), { width: 80, height: 24 }, screen, "middle", "above").top).toBe(39)
  })

  it("is cut to the larger side where it fits on neither", () => {
    const found = place(box(0, 350), { width: 200, height: 900 }, screen, "start")
    expect(found).toMatchObject({ maxHeight: 337, top: 8 })
  })
})
