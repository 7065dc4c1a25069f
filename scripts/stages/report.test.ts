import { expect, test } from "vitest"
import { failuresFirst, head } from "./report.ts"

const passed = Array.from({ length: 200 }, (_, i) => `  ✓  ${i + 1} e2e/a.spec.ts › passes ${i}`).join("\n")
const journey = "1) e2e/a.spec.ts:3:1 › fails ──────\n\n    Error: expect(received).toBe(expected)"

test.each([
  [
    "Playwright's",
    `${passed}\n  ✘  201 e2e/a.spec.ts › fails\n\n\n  ${journey}\n\n  1 failed\n`,
    "1) e2e/a.spec.ts:3:1",
  ],
  ["of vitest", `${passed}\n\n⎯⎯⎯ Failed Tests 1 ⎯⎯⎯\n\n FAIL  a.test.ts > fails\n`, "⎯⎯⎯ Failed Tests 1 ⎯⎯⎯"],
  ["of vitest about a file that does not load", `${passed}\n⎯⎯ Failed Suites 1 ⎯⎯\n`, "⎯⎯ Failed Suites 1 ⎯⎯"],
  ["of vitest about an error of no test", `${passed}\n⎯⎯ Unhandled Errors ⎯⎯\n`, "⎯⎯ Unhandled Errors ⎯⎯"],
])("the report %s begins with what failed, and what was said before stands below", (_, text, first) => {
  const report = failuresFirst(text)
  expect(report.startsWith(first)).toBe(true)
  expect(report).toMatch(/Before that it said:\n\n[^]*passes 199/)
})

test("a runner that was stopped, or never came to its tests, is told by its end", () => {
  expect(failuresFirst(`${passed}\nError: no room\n`).endsWith("passes 199\nError: no room")).toBe(true)
})

test("what is too long ends with how much is left out", () => {
  expect(head("a\nb\nc\n", 3)).toBe("a\nb\nc")
  expect(head("a\nb\nc\nd\n", 2)).toBe("a\nb\n(2 lines more)")
})
