import "server-only"
import { collectDefaultMetrics, Gauge, Registry } from "prom-client"
import { db } from "../db/client.ts"
import { noTotals } from "../events/tally.ts"
import { eventTotals } from "../events/totals.ts"
import { keySets } from "../inspect/queries.ts"
import { readiness } from "./health.ts"
import { tokenMetrics } from "./token-metrics.ts"

const shared = globalThis as typeof globalThis & { grantryMetrics?: Registry }

/** Everything for a scrape. While the database does not answer, what it would tell is left out or stands still. */
export async function metricsText(): Promise<{ text: string; contentType: string }> {
  const registry = processMetrics()
  const [own, totals] = await Promise.all([registry.metrics(), eventTotals().catch(() => noTotals)])
  const tokens = totals === noTotals ? "" : tokenMetrics(totals, keySets().counts())
  return { text: `${own}${tokens}`, contentType: registry.contentType }
}

/** The process's Prometheus registry, once. Rooms hand their numbers in through gauges that are read at scrape time. */
function processMetrics(): Registry {
  if (shared.grantryMetrics) return shared.grantryMetrics
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: "grantry_web_" })
  const gauge = (
    name: string,
    help: string,
    read: () => Promise<readonly [Record<string, string>, number][]>,
    labelNames: string[] = [],
  ) => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset()
        for (const [labels, value] of await read().catch(() => [])) this.set(labels, value)
      },
    })
  }
  gauge(
    "grantry_ready",
    "1 when the named part can serve",
    async () => (await readiness()).checks.map((c) => [{ part: c.name }, c.ok ? 1 : 0] as const),
    ["part"],
  )
  gauge("grantry_clients", "Service clients in the registry", async () => [[{}, await db().client.count()]])
  gauge("grantry_audiences", "Audiences in the registry", async () => [[{}, await db().audience.count()]])
  gauge("grantry_grants", "Audience grants in the registry", async () => [[{}, await db().grant.count()]])
  gauge("grantry_drift_open", "Drift items that are open", async () => [
    [{}, await db().driftItem.count({ where: { status: "open" } })],
  ])
  gauge("grantry_rotations_in_flight", "Rotations that are neither done nor aborted", async () => [
    [{}, await db().rotation.count({ where: { state: { notIn: ["done", "aborted"] } } })],
  ])
  gauge(
    "grantry_plans",
    "Plans by status",
    async () =>
      (await db().plan.groupBy({ by: ["status"], _count: true })).map((g) => [{ status: g.status }, g._count] as const),
    ["status"],
  )
  shared.grantryMetrics = registry
  return registry
}
