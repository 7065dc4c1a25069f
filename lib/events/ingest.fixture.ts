/** Lines of many clients in the last two hours, and what stands of a source in the tables. */
import { eventPool } from "../db/ingest.ts"
import { foldRollups } from "./jobs.ts"

export const now = new Date()
export const hourAgo = now.getTime() - 3_600_000

export function line(i: number, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    event: i % 3 === 0 ? "token_issued" : "token_validated",
    event_id: `e${i}`,
    timestamp: new Date(hourAgo - (i % 7_000) * 1_000).toISOString(),
    client_id: `client-${i % 11}`,
    audience: `https://api-${i % 3}.internal`,
    scopes: [`s${i % 2}`],
    validation_result: i % 5 === 0 ? "failure" : "success",
    ...(i % 5 === 0 ? { failure_reason: "expired" } : {}),
    auth_server: "local",
    duration_ms: i % 40,
    expires_in: 300,
    trace_id: `t${i}`,
    ...more,
  })
}
export const many = (count: number, from = 0) => Array.from({ length: count }, (_, i) => line(from + i))
export const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
export const one = async <T>(sql: string, values: unknown[] = []): Promise<T> =>
  (await eventPool().query(sql, values)).rows[0] as T
export const stored = async (source: string) =>
  (
    await one<{ n: number }>(
      "select count(*)::int as n from token_event where source = (select id from dimension where field = 0 and value = $1)",
      [source],
    )
  ).n

/** Every rollup as text, so that two ways of arriving can be compared to the byte. */
export async function rollups(source: string): Promise<string> {
  await foldRollups()
  const parts: string[] = []
  for (const table of ["rollup_flow", "rollup_party", "rollup_latency"]) {
    const { t } = await one<{ t: string | null }>(
      `select string_agg(r, E'\\n' order by r) as t from (select (to_jsonb(x) - 'source')::text as r from ${table} x where source = (select id from dimension where field = 0 and value = $1)) as y`,
      [source],
    )
    parts.push(t ?? "")
  }
  return parts.join("\n\n")
}
