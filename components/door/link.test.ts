import { expect, test } from "vitest"
import { tokenIn } from "./link.ts"

test.each([
  ["#token=abc-_1", "abc-_1"],
  ["#token=a%2Bb", "a+b"],
  ["#other=1&token=x", "x"],
  ["#token=", ""],
  ["#", ""],
  ["", ""],
])("%j holds the token %j", (hash, token) => expect(tokenIn(hash)).toBe(token))
