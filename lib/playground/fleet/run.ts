import { setTimeout as sleep } from "node:timers/promises"
import type { Logger } from "pino"
import { z } from "zod"
import { DemoStopped, take, type ApiCaller } from "../demo/api.ts"
import type { Keeper } from "../demo/kept.ts"
import { removeDemo } from "../demo/remove.ts"
import { demoCredentials, setUpDemo, type DemoReady } from "../demo/setup.ts"
import { startFleet, type Fleet } from "./start.ts"

export interface DemoRun {
  readonly call: ApiCaller
  readonly keeper: Keeper
  readonly apiUrl: () => string
  readonly log: Pick<Logger, "info" | "warn">
  readonly signal: AbortSignal
  readonly pollMs?: number
  /** How often the fleet looks for newer secrets of its clients. */
  readonly secretsEveryMs?: number
  /** Calls per second. */
  readonly rate?: number
}

const switchShape = z.object({ enabled: z.boolean(), phase: z.string() })

/**
 * Follows the demo's switch until the signal: set up and run while it is on, remove when it is off. Every failure is said
 * in the demo's state, where a person sees it, and tried again.
 */
export async function runDemo(run: DemoRun): Promise<void> {
  const pollMs = run.pollMs ?? 2_000
  const wait = (ms: number) => sleep(ms, undefined, { signal: run.signal })
  let running: { fleet: Fleet; ready: DemoReady; lookedAt: number } | undefined
  let said = ""
  let logged = ""

  const say = async (
    phase: "off" | "starting" | "running" | "removing" | "failed",
    message: string | null = null,
  ): Promise<void> => {
    if (said === `${phase} ${message}`) return
    await run.call("PATCH", "/api/v1/demo", { phase, message })
    said = `${phase} ${message}`
  }
  const start = (ready: DemoReady): Promise<Fleet> => launch(ready, run)

  const step = async (): Promise<void> => {
    const wanted = take("read the demo's switch", await run.call("GET", "/api/v1/demo"), [200], switchShape)
    if (wanted.enabled && running === undefined) {
      await say("starting")
      const ready = await setUpDemo(run.call, run.keeper, wait)
      running = { fleet: await start(ready), ready, lookedAt: Date.now() }
      run.log.info({ urls: running.fleet.urls }, "the demo fleet runs")
      await say("running")
    } else if (wanted.enabled && running !== undefined) {
      if (Date.now() - running.lookedAt >= (run.secretsEveryMs ?? 30_000))
        running = await withNewerSecrets(run, running, wait, start)
      await say("running")
    } else if (!wanted.enabled && (running !== undefined || wanted.phase !== "off")) {
      await running?.fleet.stop()
      running = undefined
      await say("removing")
      await removeDemo(run.call, run.keeper, wait)
      run.log.info("the demo is removed")
      await say("off")
    }
  }

  while (!run.signal.aborted) {
    try {
      await step()
    } catch (error) {
      if (run.signal.aborted) break
      // The console is often not up yet when this process starts: one line in the log, not one every two seconds.
      const message = error instanceof DemoStopped ? error.message : "The demo could not go on; its log says why."
      const why = `${error instanceof DemoStopped ? error.code : "unreachable"}: ${error instanceof Error ? error.message : "unknown"}`
      if (why !== logged) run.log.warn({ why }, "the demo waits")
      logged = why
      await say("failed", message.slice(0, 500)).catch(() => undefined)
    }
    await wait(pollMs).catch(() => undefined)
  }
  await running?.fleet.stop()
}

type Running = { fleet: Fleet; ready: DemoReady; lookedAt: number }

/** A rotated secret is taken over by a restart of the services: seconds, and the old secret is out of use for good. */
async function withNewerSecrets(
  run: DemoRun,
  running: Running,
  wait: (ms: number) => Promise<void>,
  start: (ready: DemoReady) => Promise<Fleet>,
): Promise<Running> {
  const { provider, rows } = running.ready
  const clients = await demoCredentials(run.call, run.keeper, provider.id, rows, wait)
  const isSame = Object.entries(clients).every(
    ([key, one]) => one.secretId === running.ready.clients[key as keyof typeof clients].secretId,
  )
  if (isSame) return { ...running, lookedAt: Date.now() }
  await running.fleet.stop()
  const ready = { ...running.ready, clients }
  return { fleet: await start(ready), ready, lookedAt: Date.now() }
}

const launch = ({ provider, clients, ingestToken }: DemoReady, run: DemoRun): Promise<Fleet> =>
  startFleet({
    issuer: provider.issuer,
    tokenUrl: provider.tokenUrl,
    jwksUri: provider.jwksUri,
    clients,
    ingest: { url: `${run.apiUrl().replace(/\/+$/, "")}/api/v1/events`, token: ingestToken },
    rate: run.rate ?? 4,
    onProblem: (problem) => run.log.warn(problem, "events wait to be shipped"),
  })
