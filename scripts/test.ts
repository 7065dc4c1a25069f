// What `npm test` runs: all stages, one line each with its time, and at the end one line with the sum.
import { lineOf } from "./setup/failure.ts"
import { endAll } from "./setup/run.ts"
import * as stages from "./stages/all.ts"
import type { Counts, Stage } from "./stages/stage.ts"

/** What stands in one row runs side by side: one that computes beside one that waits, or several of one core each. */
const order: readonly (readonly Stage[])[] = [
  [stages.types, stages.format],
  [stages.lint],
  [stages.unit],
  [stages.db, stages.keycloak],
  [stages.slow],
  [stages.production],
  [stages.e2e],
  [stages.quickstart],
  [stages.faults],
]
const named: Readonly<Record<string, readonly Stage[]>> = {
  check: [stages.types, stages.lint, stages.format, stages.unit],
  db: [stages.db],
  slow: [stages.slow],
  keycloak: [stages.keycloak],
  e2e: [stages.production, stages.e2e],
  quickstart: [stages.production, stages.quickstart],
  faults: [stages.production, stages.faults],
}

const abort = new AbortController()
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop)
process.on("disconnect", stop)

let stopping = false
/** Programs get a moment to stop what they started; the running stages then close their own, and no other begins. */
function stop(): void {
  if (stopping) return
  stopping = true
  endAll("SIGTERM")
  setTimeout(() => abort.abort(), 5_000).unref()
  setTimeout(() => {
    endAll()
    process.exit(130)
  }, 45_000).unref()
}

const sum = { passed: 0, failed: 0, skipped: 0 }
for (const row of chosen()) if (!stopping) await Promise.all(row.map(carryOut))
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
process.exit(stopping ? 130 : sum.failed > 0 ? 1 : 0)

async function carryOut(stage: Stage): Promise<void> {
  const began = performance.now()
  const counts = await stage.run(abort.signal).catch((error: unknown): Counts => ({
    passed: 0,
    failed: 1,
    skipped: 0,
    report: error instanceof Error ? error.message : lineOf(error),
  }))
  for (const key of ["passed", "failed", "skipped"] as const) sum[key] += counts[key]
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    `${counts.failed > 0 ? "FAILED" : "ok    "}  ${stage.name.padEnd(22)} ${seconds.padStart(6)} s   ${words(counts)}`,
  )
  if (counts.remark) console.log(counts.remark)
  if (counts.failed > 0 && counts.report !== "") console.log(`\n${counts.report}\n`)
}

function words(counts: Counts): string {
  const parts = [`${counts.passed} passed`]
  if (counts.failed > 0) parts.push(`${counts.failed} failed`)
  if (counts.skipped > 0) parts.push(`${counts.skipped} skipped`)
  return parts.join(", ")
}

function chosen(): readonly (readonly Stage[])[] {
  const at = process.argv.indexOf("--only")
  if (at < 0) return order
  const found = named[process.argv[at + 1] ?? ""]
  if (found) return found.map((stage) => [stage])
  console.error(`--only takes one of: ${Object.keys(named).join(", ")}`)
  process.exit(1)
}
