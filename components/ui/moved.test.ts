import { expect, it } from "vitest"
import { moved, type Press } from "./moved.ts"

const words = ["Change password", "Keys", "Sign out", "Sign out everywhere"]

const press = (key: string, held: Partial<Press> = {}): Press => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
})

it.each<[string, number, number | null]>([
  ["ArrowDown", -1, 0],
  ["ArrowDown", 0, 1],
  ["ArrowDown", 3, 0],
  ["ArrowUp", -1, 3],
  ["ArrowUp", 0, 3],
  ["ArrowUp", 2, 1],
  ["Home", 2, 0],
  ["End", 0, 3],
  ["s", 0, 2],
  ["S", 2, 3],
  ["s", 3, 2],
  ["k", 1, 1],
  ["x", 0, null],
  [" ", 0, null],
  ["Enter", 0, null],
])("%s from place %i leads to %s", (key, at, to) => {
  expect(moved(press(key), at, words)).toBe(to)
})

it("an empty list leads nowhere", () => {
  expect(moved(press("ArrowDown"), -1, [])).toBeNull()
})

it.each<[string, Partial<Press>]>([
  ["s", { ctrlKey: true }],
  ["k", { metaKey: true }],
  ["c", { ctrlKey: true }],
  ["ArrowDown", { altKey: true }],
])("%s with %o is a command of the browser, and leads nowhere", (key, held) => {
  expect(moved(press(key, held), 0, words)).toBeNull()
})
