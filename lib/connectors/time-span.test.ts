import { expect, test } from "vitest"
import { secondsOf, timeSpan } from "./time-span.ts"

test.each([
  [0, "00:00:00"],
  [900, "00:15:00"],
  [86_399, "23:59:59"],
  [86_400, "1.00:00:00"],
  [90_061, "1.01:01:01"],
])("%i s is %s, and back", (seconds, text) => {
  expect(timeSpan(seconds)).toBe(text)
  expect(secondsOf(text)).toBe(seconds)
})

test.each([
  ["0:15:00", 900],
  ["0.00:15:00", 900],
  ["00:15:00.5", 900],
  ["soon", null],
  ["15:00", null],
  [undefined, null],
])("%s is read as %s", (text, seconds) => expect(secondsOf(text)).toBe(seconds))
