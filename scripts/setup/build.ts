import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { codeOf, SetupFailed } from "./failure.ts"
import { pinned, root } from "./root.ts"
import { run, tail } from "./run.ts"

/** What a production build is made of. Tests and generated code are not sources. */
const buildSources = [
  "app",
  "components",
  "lib",
  "public",
  "prisma/schema.prisma",
  "next.config.mjs",
  "postcss.config.cjs",
  "postcss.config.mjs",
  "proxy.ts",
  "instrumentation.ts",
  "tsconfig.json",
  "package-lock.json",
]
const notSource = (path: string) => /\.test\.tsx?$/.test(path) || path.startsWith("lib/db/generated/")

/** Makes the Prisma client when the schema or Prisma changed. True when it was made now. */
export async function ensureClient(): Promise<boolean> {
  const stamp = join(root, "lib/db/generated/.grantry-schema")
  const wanted = await hashOf(["prisma/schema.prisma", "node_modules/prisma/package.json"])
  if ((await readStamp(stamp)) === wanted) return false
  // Any existing file: `generate` looks for the native engine, which is a download, and does not run it.
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  }
  const done = await run(pinned, ["node_modules/prisma/build/index.js", "generate"], {
    cwd: root,
    env,
    timeoutMs: 120_000,
  })
  if (done.code !== 0) throw new SetupFailed(`The Prisma client could not be generated:\n${tail(done.text, 8)}`)
  await writeFile(stamp, wanted)
  return true
}

/** True when `.next` holds a finished build of these sources. */
export async function isBuilt(): Promise<boolean> {
  return (
    existsSync(join(root, ".next/BUILD_ID")) &&
    (await readStamp(join(root, ".next/.grantry-build"))) === (await hashOf(buildSources))
  )
}

/** Production build. The stamp goes first and comes back last, so an interrupted build is never taken for a good one. */
export async function build(signal?: AbortSignal): Promise<void> {
  const stamp = join(root, ".next/.grantry-build")
  const wanted = await hashOf(buildSources)
  await rm(stamp, { force: true })
  const env: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", CI: "1" }
  const done = await run(pinned, ["node_modules/next/dist/bin/next", "build"], {
    cwd: root,
    env,
    timeoutMs: 900_000,
    ...(signal && { signal }),
  })
  signal?.throwIfAborted()
  if (done.code !== 0) throw new SetupFailed(`The production build failed:\n${tail(done.text, 30)}`)
  await mkdir(join(root, ".next"), { recursive: true })
  await writeFile(stamp, wanted)
}

const readStamp = (file: string) => readFile(file, "utf8").catch(() => null)

/** SHA-256 over names and contents of files and folders, in a fixed order. */
async function hashOf(paths: readonly string[]): Promise<string> {
  const hash = createHash("sha256")
  for (const path of paths) await add(path)
  return hash.digest("hex")

  async function add(path: string): Promise<void> {
    if (notSource(path)) return
    try {
      const content = await readFile(join(root, path))
      hash.update(`${path}\0${content.length}\0`).update(content)
    } catch (error) {
      if (codeOf(error) === "EISDIR")
        for (const name of (await readdir(join(root, path))).toSorted()) await add(`${path}/${name}`)
      else if (codeOf(error) !== "ENOENT") throw error
    }
  }
}
