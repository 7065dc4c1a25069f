/**
 * Builds the package `grantry` with its one path `grantry/oauth`, for services that want the token client and the
 * verifier without the console. It gets a package.json of its own, because its only dependency is jose.
 * Usage: node scripts/pack-oauth.ts [folder for the .tgz, default dist]
 */
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"

const root = resolve(import.meta.dirname, "..")

interface RootPackage {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

/** Compiles, packs, and answers the path of the .tgz in `folder`. Needs no network. */
export function packOauth(folder: string): string {
  const built = join(folder, "oauth")
  const staged = join(folder, "package")
  for (const old of [built, staged]) rmSync(old, { recursive: true, force: true })
  mkdirSync(staged, { recursive: true })
  run(process.execPath, [
    join(root, "node_modules/typescript/bin/tsc"),
    "-p",
    join(root, "lib/oauth/tsconfig.json"),
    "--outDir",
    built,
  ])
  cpSync(built, join(staged, "oauth"), { recursive: true })
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`)
  cpSync(join(root, "lib/oauth/README.md"), join(staged, "README.md"))
  return packFolder(staged, folder)
}

/** `npm pack` of a folder that is ready as it stands. */
export function packFolder(from: string, into: string): string {
  const said = run("npm", ["pack", from, "--pack-destination", into, "--ignore-scripts", "--json", "--loglevel=error"])
  const packed = JSON.parse(said) as
    readonly { readonly filename: string }[] | Readonly<Record<string, { readonly filename: string }>>
  const [first] = Object.values(packed)
  if (first === undefined) throw new Error("npm packed nothing")
  return join(into, first.filename)
}

function manifest(): object {
  const { version, dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as RootPackage
  const jose = dependencies["jose"]
  if (jose === undefined) throw new Error("package.json does not name jose")
  return {
    name: "grantry",
    version,
    description:
      "Machine-to-machine OAuth for services: token manager, verifier, requireScope, introspection, event shipper",
    type: "module",
    engines: { node: ">=20" },
    exports: { "./oauth": { types: "./oauth/index.d.ts", default: "./oauth/index.js" } },
    files: ["oauth"],
    dependencies: { jose: `^${jose}` },
  }
}

const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })

if (import.meta.main) {
  const folder = resolve(process.argv[2] ?? join(root, "dist"))
  mkdirSync(folder, { recursive: true })
  console.log(packOauth(folder))
}
