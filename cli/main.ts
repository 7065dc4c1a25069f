import { readFile, writeFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"
import { ask } from "../scripts/setup/ask.ts"
import { endings } from "./ending.ts"
import { grantry } from "./grantry.ts"
import type { World } from "./world.ts"

const world: World = {
  env: process.env,
  fetch,
  readFile: (path) => (path === "-" ? text(process.stdin) : readFile(path, "utf8")),
  writeFile: (path, written) => writeFile(path, written),
  out: (written) => void process.stdout.write(written),
  err: (written) => void process.stderr.write(written),
  ask: process.stdin.isTTY ? (question) => ask(question, { input: process.stdin, output: process.stderr }) : null,
  sleep: (ms) => delay(ms),
  now: Date.now,
}

try {
  process.exitCode = await grantry(process.argv.slice(2), world)
} catch (error) {
  // A bug of ours must not look like "something differs".
  console.error(error)
  process.exitCode = endings.usage
}
