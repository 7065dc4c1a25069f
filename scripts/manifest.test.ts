import { execFileSync } from "node:child_process"
import { expect, test } from "vitest"

test("the OpenAPI manifest names every API route file", () => {
  expect(() => execFileSync(process.execPath, ["scripts/manifest.ts", "--check"], { stdio: "pipe" })).not.toThrow()
})
