#!/usr/bin/env node
// The command `grantry`, on any Node from 20: installs what is missing and runs main.ts on the pinned Node, where it was called.
import { spawnSync } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ensureInstalled, pinnedNode } from "../scripts/setup/install.mjs"

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, "..")
const cannotStart = (error) => {
  console.error(error instanceof Error ? error.message : String(error))
  process.exit(2)
}
await ensureInstalled(root, { quiet: true }).catch(cannotStart)
const { status, error } = spawnSync(pinnedNode(root), [join(here, "main.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
})
if (error) cannotStart(error)
process.exit(status ?? 2)
