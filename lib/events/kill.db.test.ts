import { randomUUID } from "node:crypto"
import { setTimeout as wait } from "node:timers/promises"
import { afterAll, beforeAll, expect, test } from "vitest"
import { eventPool } from "../db/ingest.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { ingest } from "./ingest.ts"
import { foldRollups } from "./jobs.ts"

let database: TestDatabase
beforeAll(async () => void (database = await testDatabase()))
afterAll(() => database.drop())

test("F2: connections killed at any moment lose nothing that was acked, double nothing, and answer 503 only", async () => {
  const source = randomUUID()
  const batches = Array.from({ length: 40 }, (_, b) =>
    Array.from({ length: 200 }, (_, i) =>
      JSON.stringify({
        event: "token_validated",
        event_id: `${b}-${i}`,
        timestamp: new Date(Date.now() - i * 1_000).toISOString(),
        client_id: `c${i % 5}`,
        validation_result: "success",
      }),
    ),
  )
  const answers: number[] = []
  let running = true
  let kills = 0
  const killer = (async () => {
    while (running) {
      await wait(15 + Math.random() * 40)
      const { rowCount } = await eventPool().query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'grantry-ingest' and state <> 'idle'",
      )
      kills += rowCount ?? 0
    }
  })()
  const queue = [...batches]
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let batch = queue.shift(); batch; batch = queue.shift()) {
        for (let acked = false; !acked;) {
          const answer = await ingest(source, batch).catch((error: unknown) => error as { status?: number })
          if ("received" in answer) {
            acked = true
            expect([answer.received, answer.stored + answer.duplicates]).toEqual([200, 200])
          } else {
            answers.push(answer.status ?? 0)
            await wait(5)
          }
        }
      }
    }),
  )
  running = false
  await killer
  expect(kills).toBeGreaterThan(3)
  expect(new Set(answers)).toEqual(new Set([503]))
  await foldRollups()
  const { rows } = await eventPool().query(
    "select (select count(*)::int from token_event) as stored, (select sum(n)::int from rollup_flow where span = 60) as counted",
  )
  expect(rows).toEqual([{ stored: 8_000, counted: 8_000 }])
})
