import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve } from "node:path"
import { describe, expect, test } from "vitest"

/**
 * The import law (docs/map.md). A room imports only from floors below its own; a room that stands beside it is as far
 * away as one above. So there is no cycle, and whoever reads a room needs to know only what lies under it.
 */
const floors: readonly (readonly string[])[] = [
  ["base"],
  ["db", "vault", "normalize", "oauth", "token"],
  ["trail", "queue", "connectors"],
  ["auth"],
  ["registry", "providers", "events"],
  ["secrets"],
  ["sync", "rotation", "snippets", "access"],
  ["inspect", "collect"],
  ["web", "worker", "playground"],
]
/** Rooms that touch no database and no server-only code, though the floor below them would offer it. */
const plainRooms: Readonly<Record<string, readonly string[]>> = {
  token: ["base"],
  oauth: ["base"],
  normalize: ["base"],
  connectors: ["base", "oauth", "token"],
}

const root = resolve(import.meta.dirname, "..")
const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room))

interface Import {
  readonly file: string
  readonly target: string
  readonly typeOnly: boolean
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((e) => e.isFile() && /\.(ts|tsx)$/.test(e.name))
    .map((e) => relative(root, join(e.parentPath, e.name)))
    .filter((file) => !file.startsWith("lib/db/generated/"))
}

const importLine =
  /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/g

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), "utf8")
  return [...text.matchAll(importLine)].map((m) => {
    const target = m[2] ?? m[3] ?? ""
    return {
      file,
      target: target.startsWith(".") ? relative(root, resolve(root, dirname(file), target)) : target,
      typeOnly: m[1] !== undefined,
    }
  })
}

const roomOf = (path: string): string | null => /^lib\/([^/]+)\//.exec(path)?.[1] ?? null
const isTest = (file: string): boolean => /\.test\.tsx?$/.test(file) || file === "lib/db/testing.ts"
const lib = sources("lib")
const libImports = lib.flatMap(importsOf)

describe("the house", () => {
  test("every room has a floor, and every floor only rooms that are there", () => {
    const rooms = new Set(lib.map(roomOf).filter((room) => room !== null))
    expect(floors.flat().sort()).toEqual([...rooms].sort())
  })

  test("a room imports only from floors below its own", () => {
    const broken = libImports.filter(({ file, target }) => {
      const from = roomOf(file)
      const to = roomOf(target)
      if (from === null || to === null || from === to || isTest(file)) return false
      const allowed = plainRooms[from]
      return floorOf(to) >= floorOf(from) || (allowed !== undefined && !allowed.includes(to))
    })
    expect(broken.map((i) => `${i.file} imports ${i.target}`)).toEqual([])
  })

  test("only lib/db imports Prisma and pg", () => {
    const broken = [
      ...libImports,
      ...sources("app").flatMap(importsOf),
      ...sources("components").flatMap(importsOf),
    ].filter(
      ({ file, target }) =>
        (/^(pg|pg-copy-streams|@prisma\/.*)$/.test(target) || target.startsWith("lib/db/generated")) &&
        roomOf(file) !== "db" &&
        !isTest(file),
    )
    expect(broken.map((i) => `${i.file} imports ${i.target}`)).toEqual([])
  })

  test("only lib/env.ts reads the process environment", () => {
    const readers = [...lib, ...sources("app"), ...sources("components")].filter((file) => {
      // Ready code for other people's services reads their environment, as text.
      if (isTest(file) || file === "lib/env.ts" || roomOf(file) === "snippets") return false
      return readFileSync(join(root, file), "utf8").includes("process.env")
    })
    expect(readers).toEqual([])
  })

  test("the process's runtime is for entry points: web, worker and playground", () => {
    const broken = libImports.filter(
      ({ file, target }) =>
        target === "lib/runtime.ts" && !["web", "worker", "playground"].includes(roomOf(file) ?? "") && !isTest(file),
    )
    expect(broken.map((i) => `${i.file} imports ${i.target}`)).toEqual([])
  })

  test("no import climbs back: lib knows nothing of app or components", () => {
    expect(
      libImports.filter(({ target }) => /^(app|components)\//.test(target)).map((i) => `${i.file} imports ${i.target}`),
    ).toEqual([])
  })

  test("components take plain data: of lib only base, the pure token room, and types", () => {
    const broken = sources("components")
      .flatMap(importsOf)
      .filter(
        ({ file, target, typeOnly }) =>
          target.startsWith("lib/") &&
          !typeOnly &&
          !["base", "token", "snippets"].includes(roomOf(target) ?? "") &&
          !isTest(file),
      )
    expect(broken.map((i) => `${i.file} imports ${i.target}`)).toEqual([])
  })

  test("relative imports name their file, so that Node and Next run the same code", () => {
    const broken = [
      ...libImports,
      ...sources("app").flatMap(importsOf),
      ...sources("components").flatMap(importsOf),
    ].filter(({ target }) => /^(lib|app|components)\//.test(target) && !/\.(ts|tsx|css|json)$/.test(target))
    expect(broken.map((i) => `${i.file} imports ${i.target}`)).toEqual([])
  })

  test("no storage rooms", () => {
    expect(lib.filter((file) => /\/(utils?|helpers?|services|common|misc)(\/|\.)/.test(file))).toEqual([])
  })
})
