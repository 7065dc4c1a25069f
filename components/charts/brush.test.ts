import { expect, test } from "vitest"
import { bucketAt, high, low, steered } from "./brush.ts"

test.each([
  [null, "ArrowLeft", false, { anchor: 9, head: 9 }],
  [{ anchor: 4, head: 4 }, "ArrowRight", false, { anchor: 5, head: 5 }],
  [{ anchor: 4, head: 4 }, "ArrowLeft", true, { anchor: 4, head: 3 }],
  [{ anchor: 4, head: 9 }, "ArrowRight", true, { anchor: 4, head: 9 }],
  [{ anchor: 4, head: 4 }, "Home", true, { anchor: 4, head: 0 }],
  [{ anchor: 4, head: 0 }, "ArrowLeft", false, { anchor: 0, head: 0 }],
  [{ anchor: 4, head: 0 }, "x", false, null],
] as const)("%j and %s (shift %j) give %j", (brush, key, shift, next) =>
  expect(steered(brush, key, shift, 10)).toEqual(next),
)

test("a choice that was drawn backwards has its low end first", () =>
  expect([low({ anchor: 7, head: 2 }), high({ anchor: 7, head: 2 })]).toEqual([2, 7]))
test("the pointer hits the bucket below it and never one outside", () =>
  expect([bucketAt(0, 100, 10), bucketAt(55, 100, 10), bucketAt(100, 100, 10), bucketAt(-5, 100, 10)]).toEqual([
    0, 5, 9, 0,
  ]))
