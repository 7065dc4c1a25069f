/**
 * Writes app/api/v1/openapi.json/manifest.ts: the list of all API route files, from the folder tree. `--check` fails when
 * the file is not the one that would be written, so a new route without its line is a red build.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const base = join(root, "app/api/v1")
const target = join(base, "openapi.json/manifest.ts")

const folders = readdirSync(base, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name === "route.ts")
  .map((entry) => relative(base, entry.parentPath))
  .filter((folder) => folder !== "openapi.json")
  .sort()

const name = (folder: string): string =>
  folder.replace(/[^A-Za-z0-9]+(\w?)/g, (_, c: string) => c.toUpperCase()).replace(/^\w/, (c) => c.toLowerCase())

const text = `// Written by scripts/manifest.ts (npm run manifest); a unit test holds it equal to the folder tree.
${folders.map((folder) => `import * as ${name(folder)} from "../${folder}/route.ts"`).join("\n")}

/** Every API route: its path under /api/v1 and its module. */
export const manifest = [
${folders.map((folder) => `  ["${folder}", ${name(folder)}],`).join("\n")}
] as const
`

if (process.argv.includes("--check")) {
  const same = readFileSync(target, "utf8") === text
  if (!same) console.error(`${relative(process.cwd(), target)} is not current: npm run manifest.`)
  process.exit(same ? 0 : 1)
}
writeFileSync(target, text)
