import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { chromium } from "playwright"
import { pinned, root } from "./root.ts"
import { run } from "./run.ts"

const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
]

/** Quiet, and without the sandbox that refuses to run as root. */
export const browserFlags: readonly string[] = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
]

/** A Chromium on this machine: Playwright's own, else the system's. Null when there is none. */
export function findBrowser(): string | null {
  const own = chromium.executablePath()
  const onPath = (process.env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => commands.map((name) => join(folder, name)))
  return [own, ...onPath, ...applications].find((path) => path !== "" && existsSync(path)) ?? null
}

/** Finds one or downloads Playwright's (a closed network refuses that). */
export async function ensureBrowser(): Promise<string | null> {
  const found = findBrowser()
  if (found) return found
  await run(pinned, ["node_modules/playwright/cli.js", "install", "chromium"], { cwd: root, timeoutMs: 180_000 })
  return findBrowser()
}
