import { expect, test } from "vitest"
import { lonely } from "./lonely.ts"

test.each([
  [[], []],
  [[5], [0]],
  [[null, null, 98], [2]],
  [
    [1, null, 2, 3, null, 0],
    [0, 5],
  ],
  [[1, 2], []],
  [[undefined, 4, undefined], [1]],
])("of %j the values at %j stand alone", (values, at) => {
  expect([...lonely(values)]).toEqual(at)
})
