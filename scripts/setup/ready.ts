import { setTimeout as sleep } from "node:timers/promises"

/** Where this machine reaches a server that listens on `host`. */
export function localAddress(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** Asks `/readyz` until it answers 200. Null then, else its last answer (or error) in one line. */
export async function waitReadyz(base: string, timeoutMs: number, signal?: AbortSignal): Promise<string | null> {
  const until = Date.now() + timeoutMs
  for (let why = "no answer yet"; ; await sleep(100)) {
    if (signal?.aborted) return "stopped"
    try {
      const answer = await fetch(`${base}/readyz`, { signal: AbortSignal.timeout(5_000), redirect: "manual" })
      if (answer.status === 200) return null
      why = `${answer.status} ${(await answer.text()).replace(/\s+/g, " ").slice(0, 300)}`
    } catch (error) {
      why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    }
    if (Date.now() > until) return why
  }
}
