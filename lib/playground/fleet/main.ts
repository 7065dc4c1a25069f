/**
 * Process entry of the demo fleet. The supervisor starts it with the local identity provider; it idles, asking the
 * console whether the demo is wanted, until it is, and all it does then it does over the public API.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pino } from "pino"
import { z } from "zod"
import { readEnv } from "../../env.ts"
import type { ApiCaller } from "../demo/api.ts"
import { keptShape, nothingKept, type Keeper } from "../demo/kept.ts"
import { runDemo } from "./run.ts"

const log = pino({ name: "fleet", base: { name: "fleet" } })
const { dataDir } = readEnv()
const settingsPath = join(dataDir, "fleet.json")
const secretsPath = join(dataDir, "fleet-secrets.json")
const settingsShape = z.object({ api_url: z.url(), api_token: z.string().min(1) })
const requestMs = 65_000

const stopping = new AbortController()
const stop = (why: string) => {
  if (!stopping.signal.aborted) log.info({ why }, "stopping")
  stopping.abort()
}
process.on("SIGTERM", () => stop("asked to"))
process.on("SIGINT", () => stop("asked to"))
process.on("disconnect", () => stop("the supervisor is gone"))

const keeper: Keeper = {
  read() {
    if (!existsSync(secretsPath)) return nothingKept
    return keptShape.parse(JSON.parse(readFileSync(secretsPath, "utf8")))
  },
  write(kept) {
    if (kept === nothingKept) return rmSync(secretsPath, { force: true })
    writeFileSync(`${secretsPath}.new`, JSON.stringify(kept, null, 2), { mode: 0o600 })
    renameSync(`${secretsPath}.new`, secretsPath)
  },
}

/** The bootstrap writes the file before the children start; it is read on every call, for the address follows PORT. */
const settings = () => settingsShape.parse(JSON.parse(readFileSync(settingsPath, "utf8")))

const call: ApiCaller = async (method, path, body) => {
  const { api_url, api_token } = settings()
  const answer = await fetch(api_url.replace(/\/+$/, "") + path, {
    method,
    headers: {
      authorization: `Bearer ${api_token}`,
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: "manual",
    signal: AbortSignal.any([AbortSignal.timeout(requestMs), stopping.signal]),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === "" ? undefined : (JSON.parse(text) as unknown) }
}

process.send?.({ ready: true })
await runDemo({ call, keeper, apiUrl: () => settings().api_url, log, signal: stopping.signal })
process.exit(0)
