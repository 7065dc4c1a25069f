import { existsSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, test } from "vitest"

/** Holds docs/requirements.md to the tree: whoever renames or deletes a test that shows a requirement is told here. */
const root = resolve(import.meta.dirname, "..")
const page = readFileSync(join(root, "docs/requirements.md"), "utf8")

interface Reference {
  readonly file: string
  readonly names: readonly string[]
}

/** `file` "test", "test"; `file` "test": a file stands once, its tests behind it. */
function referencesIn(text: string): Reference[] {
  return [...text.matchAll(/`([\w./-]+\.(?:tsx?|sh))`((?:,? "[^"]+")*)/g)].map(([, file = "", names = ""]) => ({
    file,
    names: [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
  }))
}

const rows = page.split("\n").flatMap((line) => {
  const cells = line.split(" | ")
  return line.startsWith("| ") && !/^\| (?:---|what is asked)/.test(line)
    ? [{ line, shown: cells.slice(1).join(" | ") }]
    : []
})

/** `test(`, `it.each(rows)(`, `test.step(`: what stands before a name. Not `test.skip(` and its kin, not `expect(`. */
const testCall = /(?:\b(?:it|test)(?:\.(?!skip|todo|fails|fixme)\w+)?|\))\s*\($/
const shellStep = /(?:^|\n)say$/

/** Is there a test, or a step of a shell script, of exactly this name, and is it not switched off? */
function holdsTest(source: string, name: string): boolean {
  return [`"${name}"`, `'${name}'`, `\`${name}\``].some((literal) => {
    for (let at = source.indexOf(literal); at >= 0; at = source.indexOf(literal, at + 1)) {
      const before = source.slice(0, at).trimEnd()
      const after = source.slice(at + literal.length).trimStart()
      if (shellStep.test(before) || (testCall.test(before) && after.startsWith(","))) return true
    }
    return false
  })
}

/** What is wrong with a reference, in one line each; empty when it holds. */
function faultsOf({ file, names }: Reference): string[] {
  if (!existsSync(join(root, file))) return [`${file} does not exist`]
  const source = readFileSync(join(root, file), "utf8")
  return names.filter((name) => !holdsTest(source, name)).map((name) => `${file} has no test "${name}"`)
}

test("every test that docs/requirements.md names is there", () => {
  const references = referencesIn(page)
  expect(references.length).toBeGreaterThan(100)
  expect(references.flatMap(faultsOf)).toEqual([])
})

test("every row of docs/requirements.md names a test or says not yet", () => {
  expect(rows.length).toBeGreaterThan(100)
  const empty = rows.filter(
    ({ shown }) => !referencesIn(shown).some(({ names }) => names.length > 0) && shown !== "not yet |",
  )
  expect(empty.map(({ line }) => line)).toEqual([])
})

test("a row that is shown in part says what is missing", () => {
  const silent = rows.filter(({ shown }) => shown.startsWith("In part:") && !shown.includes("Missing: "))
  expect(silent.map(({ line }) => line)).toEqual([])
})

test("a missing file, a missing test and a switched-off test are faults", () => {
  const source =
    'test("a", () => {})\nit.each(rows)(\n  "b %s",\n  run)\ntest.skip("c", run)\nexpect("d", why)\nsay "1. e"\nconst f = "f"'
  expect(["a", "b %s", "c", "1. e", "f", "a "].map((name) => holdsTest(source, name))).toEqual([
    true,
    true,
    false,
    true,
    false,
    false,
  ])
  expect(faultsOf({ file: "lib/nowhere.test.ts", names: ["x"] })).toEqual(["lib/nowhere.test.ts does not exist"])
  expect(faultsOf({ file: "lib/house.test.ts", names: ["no storage rooms", "no such test"] })).toEqual([
    'lib/house.test.ts has no test "no such test"',
  ])
  expect(referencesIn('x `lib/a.test.ts` "one", "two"; `lib/b.ts`')).toEqual([
    { file: "lib/a.test.ts", names: ["one", "two"] },
    { file: "lib/b.ts", names: [] },
  ])
})
