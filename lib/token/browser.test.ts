import { readFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { expect, it } from "vitest"

/** Everything that a file brings into a bundle: types are erased, so `import type` does not count. */
function reached(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const imports = readFileSync(file, "utf8").matchAll(
    /^(?:import\s+(?!type\b)|export\s+(?=[*{]))(?:[^"]*?from\s+)?"([^"]+)"/gm,
  )
  for (const [, target = ""] of imports) {
    if (target.startsWith(".")) reached(resolve(dirname(file), target), seen)
    else seen.add(target)
  }
  return seen
}
const packagesOf = (name: string) =>
  [...reached(resolve(import.meta.dirname, name))].filter((one) => !one.startsWith("/"))

it.each(["decode.ts", "paste.ts", "explain.ts", "kind.ts"])(
  "%s runs in the browser: it reaches nothing of Node and no package",
  (name) => {
    expect(packagesOf(name)).toEqual([])
  },
)

it("would see Node where it is: the verdict needs its cryptography", () => {
  expect(packagesOf("inspect.ts")).toContain("node:crypto")
})
