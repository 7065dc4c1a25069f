import { expect, test } from "vitest"
import { deletesLimit, planRulesSetting } from "./policy.ts"

test.each([
  ["nothing stands there", 0, 5],
  ["a small provider: five", 49, 5],
  ["fifty objects: five is a tenth", 50, 5],
  ["a large one: a tenth, rounded down", 129, 12],
  ["3,000 objects", 3_000, 300],
])("T30: deletes of one run, %s", (_name, placed, limit) => {
  expect(deletesLimit(planRulesSetting.parse({}), placed)).toBe(limit)
})

test("the setting can make it stricter", () => {
  expect(deletesLimit(planRulesSetting.parse({ deletesAlways: 0, deletesPercent: 1 }), 250)).toBe(2)
})
