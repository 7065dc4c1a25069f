import { spawn } from "node:child_process"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ensureInstalled, pinnedNode } from "./install.mjs"
import { endWithParent } from "./orphan.mjs"

export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..")

/** Node 20 is the oldest that npm and the launchers are tried on. One clear line and exit code 1 for an older one. */
function refuseOldNode() {
  if (Number(process.versions.node.split(".")[0]) >= 20) return
  console.error(`Grantry needs Node 20 or newer to start; this is ${process.version}.`)
  process.exit(1)
}

/**
 * Installs what is missing and runs a TypeScript file of scripts/ on the pinned Node until it ends; its exit code
 * becomes ours. Signals go to it, as does the end of an npm that started us, and it sees by its channel when we die.
 */
export async function launch(script, { conditions = [], quiet = false } = {}) {
  refuseOldNode()
  endWithParent()
  process.chdir(root)
  try {
    await ensureInstalled(root, { quiet })
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exit(1)
  }
  const flags = [...conditions.map((name) => `--conditions=${name}`), "--disable-warning=ExperimentalWarning"]
  const child = spawn(pinnedNode(root), [...flags, join(root, "scripts", script), ...process.argv.slice(2)], {
    cwd: root,
    env: { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH ?? ""}` },
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal))
  child.on("error", (error) => {
    console.error(`The pinned Node does not start: ${error.message}`)
    process.exit(1)
  })
  child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
}
