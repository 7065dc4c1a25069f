import { setTimeout as sleep } from "node:timers/promises"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { z } from "zod"
import { backWithinMs, parts, startRig, strike, type Rig } from "./rig.ts"
import { eventSource, until } from "./world.ts"

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig?.stack.stop())

const batchSize = 100
const senders = 3
const cycles = 2

interface Sender {
  /** Ids of events that were answered 200. */
  readonly acked: Set<string>
  /** Statuses other than 200. */
  readonly refusals: Set<number>
  stop(): Promise<void>
}

/** Sends batches without pause, each again and again until it is acked, as a careful service does. */
function send(url: string, token: string, clientId: string): Sender {
  const acked = new Set<string>()
  const refusals = new Set<number>()
  let going = true
  const work = async (sender: number) => {
    for (let batch = 0; going; batch++) {
      const ids = Array.from({ length: batchSize }, (_, i) => `${sender}-${batch}-${i}`)
      const timestamp = new Date().toISOString()
      const body = ids
        .map((event_id) =>
          JSON.stringify({
            event: "token_validated",
            event_id,
            timestamp,
            client_id: clientId,
            validation_result: "success",
          }),
        )
        .join("\n")
      while (!(await isTaken(body))) await sleep(50)
      for (const id of ids) acked.add(id)
      await sleep(20)
    }
  }
  const isTaken = async (body: string): Promise<boolean> => {
    try {
      const answer = await fetch(`${url}/api/v1/events`, {
        method: "POST",
        body,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/x-ndjson" },
        signal: AbortSignal.timeout(20_000),
      })
      const text = await answer.text()
      if (answer.status !== 200) {
        refusals.add(answer.status)
        return false
      }
      const { stored, duplicates, rejected } = z
        .object({ stored: z.number(), duplicates: z.number(), rejected: z.array(z.unknown()) })
        .parse(JSON.parse(text))
      expect([stored + duplicates, rejected]).toEqual([batchSize, []])
      return true
    } catch (error) {
      if (error instanceof TypeError || (error instanceof Error && error.name === "TimeoutError")) return false // no answer: not acked
      throw error
    }
  }
  const running = Promise.all(Array.from({ length: senders }, (_, i) => work(i)))
  running.catch(() => {})
  return {
    acked,
    refusals,
    async stop() {
      going = false
      await running
    },
  }
}

const page = z.object({ items: z.array(z.object({ event_id: z.string().nullable() })), next: z.string().nullable() })

async function storedIds(clientId: string): Promise<string[]> {
  const ids: string[] = []
  for (let cursor = ""; ;) {
    const { items, next } = await rig.api.call(
      "GET",
      `/events?client_id=${clientId}&limit=1000${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
      page,
    )
    ids.push(...items.map((i) => i.event_id ?? ""))
    if (next === null) return ids
    cursor = next
  }
}

describe("what was acked is stored, once, though a part is killed while events stream in", () => {
  test.each(parts)("%s", async (part) => {
    const clientId = `fault-${part}`
    const source = await eventSource(rig.api, clientId)
    const sender = send(rig.stack.url, source.token, clientId)
    const took: number[] = []
    for (let i = 0; i < cycles; i++) {
      await until(() => Promise.resolve(sender.acked.size > (i + 1) * 500), 60_000, "events stream in")
      await sleep(Math.random() * 300)
      took.push(await strike(rig.stack, part))
    }
    const before = sender.acked.size
    await until(() => Promise.resolve(sender.acked.size > before), 30_000, "events stream in again")
    await sender.stop()

    const stored = await storedIds(clientId)
    expect(stored.length).toBe(new Set(stored).size)
    expect(new Set(stored)).toEqual(sender.acked)
    expect([...sender.refusals].filter((status) => status !== 503)).toEqual([])
    expect(Math.max(...took)).toBeLessThan(backWithinMs)

    const histogram = z.object({
      buckets: z.array(z.object({ counts: z.object({ success: z.number(), failure: z.number() }) })),
    })
    const counted = async () =>
      (await rig.api.call("GET", `/events/histogram?client_id=${clientId}`, histogram)).buckets.reduce(
        (sum, b) => sum + b.counts.success,
        0,
      )
    await until(async () => (await counted()) === stored.length, 20_000, "the histogram counts each event once")
  })
})

test("a database that may lose what it confirmed takes no event: 503, and /readyz says why; set right, it goes on", async () => {
  const { stack, api } = rig
  const source = await eventSource(api, "durability")
  const body = JSON.stringify({ event: "token_validated", client_id: "durability", validation_result: "success" })
  const headers = { authorization: `Bearer ${source.token}`, "content-type": "application/x-ndjson" }
  const answer = () => fetch(`${stack.url}/api/v1/events`, { method: "POST", body, headers })
  const answers = (status: number) =>
    until(
      () =>
        answer().then(
          (a) => a.status === status,
          () => false,
        ),
      90_000,
      `ingest answers ${status}`,
    )
  // Our connections ask for synchronous commits themselves, whatever the server says; that it flushes nothing is the server's alone.
  const set = async (fsync: "on" | "off") => {
    const database = new pg.Client({ connectionString: await stack.databaseUrl() })
    await database.connect()
    try {
      await database.query(`alter system set fsync = ${fsync}`)
      await database.query("select pg_reload_conf()")
    } finally {
      await database.end()
    }
    await stack.kill("web") // asked once a minute, and by a new process at once
  }
  expect((await answer()).status).toBe(200)
  await set("off")
  try {
    await answers(503)
    const refused = await answer()
    expect(await refused.json()).toMatchObject({ code: "not_durable" })
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/)
    const ready = await fetch(`${stack.url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.text()).toContain("fsync is off")
  } finally {
    await set("on")
  }
  await answers(200)
  expect(await stack.ready()).toBeLessThan(backWithinMs)
})
