/**
 * Writes, from the folder tree, app/api/v1/openapi.json/manifest.ts: all API route files, and lib/web/addresses.ts: which
 * methods every address has. `--check` fails when a file is not the one that would be written, so a new route without its
 * line is a red build.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const app = join(root, "app")
const base = join(app, "api/v1")
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const

const routeFolders = (under: string): string[] =>
  readdirSync(under, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === "route.ts")
    .map((entry) => relative(under, entry.parentPath))
    .sort()

const folders = routeFolders(base).filter((folder) => folder !== "openapi.json")

const name = (folder: string): string =>
  folder.replace(/[^A-Za-z0-9]+(\w?)/g, (_, c: string) => c.toUpperCase()).replace(/^\w/, (c) => c.toLowerCase())

const head = "// Written by scripts/manifest.ts; a unit test holds it equal to the folder tree.\n"
const manifest = `${head}${folders.map((folder) => `import * as ${name(folder)} from "../${folder}/route.ts"`).join("\n")}

/** Every API route: its path under /api/v1 and its module. */
export const manifest = [
${folders.map((folder) => `  ["${folder}", ${name(folder)}],`).join("\n")}
] as const
`

/** `export const GET =`, `export async function GET(`, `export { handle as GET }`. */
const methodsOf = (folder: string): string[] => {
  const source = readFileSync(join(app, folder, "route.ts"), "utf8")
  const exported = [...source.matchAll(/^export (?:const|(?:async )?function) (\w+)|\bas (\w+)(?=[^{}]*\}\n)/gm)]
  return methods.filter((method) => exported.some((match) => match[1] === method || match[2] === method))
}
const rows = routeFolders(app)
  .filter((folder) => !folder.includes("[["))
  .map((folder) => `  ["/${folder}", "${methodsOf(folder).join(" ")}"],`)

const addresses = `${head}
/** Every address that is no page, and its methods. */
export const addresses: readonly (readonly [path: string, methods: string])[] = [
${rows.join("\n")}
]
`

const written = { "app/api/v1/openapi.json/manifest.ts": manifest, "lib/web/addresses.ts": addresses }
for (const [file, text] of Object.entries(written)) {
  if (!process.argv.includes("--check")) writeFileSync(join(root, file), text)
  else if (readFileSync(join(root, file), "utf8") !== text) {
    console.error(`${file} is not current: node scripts/manifest.ts.`)
    process.exitCode = 1
  }
}
