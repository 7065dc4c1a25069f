import { readFile, writeFile } from "node:fs/promises"
import { createInterface } from "node:readline/promises"
import { text } from "node:stream/consumers"
import { setTimeout as delay } from "node:timers/promises"
import { endings } from "./ending.ts"
import { grantry } from "./grantry.ts"
import type { World } from "./world.ts"

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}

const world: World = {
  env: process.env,
  fetch,
  readFile: (path) => (path === "-" ? text(process.stdin) : readFile(path, "utf8")),
  writeFile: (path, written) => writeFile(path, written),
  out: (written) => void process.stdout.write(written),
  err: (written) => void process.stderr.write(written),
  ask: process.stdin.isTTY ? ask : null,
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
