import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, test } from "vitest"

/** The pages against the tree: a path that is named must be there, and a room that is there must be named. */
const root = resolve(import.meta.dirname, "..")
const read = (file: string): string => readFileSync(join(root, file), "utf8")
const pages = [
  "README.md",
  "bench/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
]

/** Whole paths only: placeholders, patterns and addresses of the API are none. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`([^`\s]+)`|\]\(([^)\s]+)\)/g)]
    .map(([, quoted, linked]) => quoted ?? linked ?? "")
    .filter((path) => /^(?:app|bench|cli|components|docs|e2e|lib|prisma|scripts)\/[\w./()[\]-]+$/.test(path))

/** docs/ui.md shows how a page is made by one that there is not. */
const isExample = (path: string): boolean => path.includes("/things/")

test("every path that a page names exists", () => {
  const named = pages.flatMap((page) => pathsIn(read(page)).map((path) => ({ page, path })))
  expect(new Set(named.map(({ page }) => page)).size).toBeGreaterThan(10)
  expect(named.filter(({ path }) => !isExample(path) && !existsSync(join(root, path)))).toEqual([])
})

test("docs/map.md names every room of lib", () => {
  const rooms = readdirSync(join(root, "lib"), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  )
  const map = read("docs/map.md")
  expect(rooms.length).toBeGreaterThan(15)
  expect(rooms.filter((room) => !new RegExp(`\`lib/${room}[\`/]`).test(map))).toEqual([])
})

test("decisions are numbered from 1 without holes, and each is one page", () => {
  const files = readdirSync(join(root, "docs/decisions")).sort()
  expect(files.map((file) => file.slice(0, 5))).toEqual(
    files.map((_, index) => `${String(index + 1).padStart(4, "0")}-`),
  )
  for (const file of files) {
    const text = read(`docs/decisions/${file}`)
    expect(text.split("\n")[0], file).toMatch(new RegExp(`^# ${file.slice(0, 4)}[.:] .+`))
    expect(text.split("\n").length, file).toBeLessThan(60)
  }
})
