import { expect, test } from "vitest"
import { run } from "./run.ts"

test("a program that is started after the end was asked for ends at once", async () => {
  const began = performance.now()
  const { code } = await run("sleep", ["30"], { signal: AbortSignal.abort() })
  expect(code).not.toBe(0)
  expect(performance.now() - began).toBeLessThan(4_000)
})
