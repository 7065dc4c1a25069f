/**
 * Ingest end to end over HTTP (unpacked, split, validated, named, committed, de-duplicated, rolled up) against a bare COPY of
 * the same rows, encoded beforehand, into the same tables and indexes without rollups. 8 connections each, same run, rounds
 * in turn. DATABASE_URL is a server on which a database may be made. BENCH_URL and BENCH_TOKEN measure a running Grantry
 * instead; then DATABASE_URL must be its database.
 */
import { fork } from "node:child_process"
import { randomUUID } from "node:crypto"
import { Agent, request } from "node:http"
import { setTimeout as wait } from "node:timers/promises"
import { copyIn } from "../lib/db/copy.ts"
import { testDatabase } from "../lib/db/testing.ts"
import { withIngestTx } from "../lib/db/tx.ts"
import { useDatabase } from "../lib/db/url.ts"
import { copyColumns, encodeRows } from "../lib/events/copy.ts"
import { ingestPool } from "../lib/db/ingest.ts"
import { readyRows } from "../lib/events/ingest.ts"
import { foldRollups } from "../lib/events/jobs.ts"
import { postgresCpu } from "./cpu.ts"
import { eventLines, quantile } from "./events.ts"

const connections = 8
const batchLines = Number(process.env.BENCH_BATCH ?? 2_000)
const perRound = Number(process.env.BENCH_EVENTS ?? 160_000)
const rounds = Number(process.env.BENCH_ROUNDS ?? 3)
const outside = process.env.BENCH_URL

const database = outside ? null : await testDatabase()
if (outside) useDatabase(process.env.DATABASE_URL ?? "")
const server = database
  ? fork(new URL("ingest-server.ts", import.meta.url), [database.url], { execArgv: ["--conditions=react-server"] })
  : null
const port = server
  ? await new Promise<number>((ready) => server.once("message", (at: { port: number }) => ready(at.port)))
  : 0
const target = new URL(outside ?? `http://127.0.0.1:${port}/api/v1/events`)
const agent = new Agent({ keepAlive: true, maxSockets: connections })
const source = randomUUID()

function post(body: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/x-ndjson",
      "content-length": body.length,
      "x-source": source,
      ...(process.env.BENCH_TOKEN ? { authorization: `Bearer ${process.env.BENCH_TOKEN}` } : {}),
    }
    const sent = request(target, { method: "POST", agent, headers }, (response) => {
      let text = ""
      response
        .setEncoding("utf8")
        .on("data", (piece: string) => (text += piece))
        .on("end", () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on("error", reject).end(body)
  })
}

interface ServerState {
  readonly cpuMs: number
  readonly stallMs: number
}
const serverState = (): Promise<ServerState | null> =>
  server
    ? new Promise(
        (resolve) => void (server.once("message", (state: ServerState) => resolve(state)), server.send("state")),
      )
    : Promise.resolve(null)
const databaseCpu = await postgresCpu()

/** What one event cost in processor time, by process. Microseconds. */
interface Cost {
  readonly database: number | null
  readonly server: number | null
  readonly client: number
  /** The longest time that the server's event loop stood still. Milliseconds. */
  readonly stallMs: number | null
}

/** Processor time of a piece of work over `events` events. Other programs on the machine change it far less than the wall clock. */
async function costOf<T>(events: number, run: () => Promise<T>): Promise<T & { cost: Cost }> {
  const before = { server: await serverState(), database: databaseCpu(), client: process.cpuUsage() }
  const done = await run()
  const client = process.cpuUsage(before.client)
  const server = await serverState()
  const us = (ms: number) => (ms * 1_000) / events
  const database = databaseCpu()
  return {
    ...done,
    cost: {
      database: database === null || before.database === null ? null : us(database - before.database),
      server: server && before.server ? us(server.cpuMs - before.server.cpuMs) : null,
      client: (client.user + client.system) / events,
      stallMs: server?.stallMs ?? null,
    },
  }
}

/** Runs the jobs over the connections; answers events per second and each job's milliseconds. */
async function measure<T>(
  jobs: readonly T[],
  events: number,
  run: (job: T) => Promise<void>,
): Promise<{ rate: number; times: number[] }> {
  const queue = [...jobs]
  const times: number[] = []
  const start = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
        const at = performance.now()
        await run(job)
        times.push(performance.now() - at)
      }
    }),
  )
  return { rate: (events / (performance.now() - start)) * 1_000, times }
}

const pieces = (lines: readonly string[]) =>
  Array.from({ length: Math.ceil(lines.length / batchLines) }, (_, i) =>
    lines.slice(i * batchLines, (i + 1) * batchLines),
  )

async function overHttp(label: string) {
  // The server has ended what was idle during the other half of a round.
  agent.destroy()
  const bodies = pieces(eventLines(perRound, Date.now(), 60_000, label)).map((lines) => Buffer.from(lines.join("\n")))
  return costOf(perRound, () =>
    measure(bodies, perRound, async (body) => {
      for (;;) {
        const { status, text } = await post(body)
        if (status === 503 || status === 429) {
          await wait(200)
          continue
        }
        if (status !== 200 || !text.includes('"rejected":[]'))
          throw new Error(`answer ${status}: ${text.slice(0, 300)}`)
        return
      }
    }),
  )
}

async function bareCopy(label: string) {
  const buffers: Buffer[] = []
  for (const lines of pieces(eventLines(perRound, Date.now(), 60_000, label)))
    buffers.push(encodeRows(await readyRows(source, lines, new Date()), Date.now() * 1_000))
  return costOf(perRound, () =>
    measure(buffers, perRound, (buffer) =>
      withIngestTx((tx) => copyIn(tx, `copy token_event (${copyColumns}) from stdin (format binary)`, buffer)),
    ),
  )
}

await overHttp("warm")
await bareCopy("warm2")
const ratios: number[] = []
for (let round = 1; round <= rounds; round++) {
  const copy = await bareCopy(`copy-${round}-${source}`)
  const http = await overHttp(`http-${round}-${source}`)
  await foldRollups()
  await ingestPool().query("checkpoint")
  ratios.push(http.rate / copy.rate)
  const k = (n: number) => `${(n / 1_000).toFixed(1)}k/s`
  const us = (n: number | null) => (n === null ? "?" : n.toFixed(1))
  const spent = (name: string, c: Cost) =>
    `${name}: database ${us(c.database)}${c.server === null || name !== "http" ? "" : `, server ${us(c.server)}`}, client ${us(c.client)}`
  console.log(
    `  us of processor per event  ${spent("http", http.cost)};  ${spent("copy", copy.cost)};  longest stall of the event loop ${us(http.cost.stallMs)} ms`,
  )
  console.log(
    `round ${round}: over HTTP ${k(http.rate)} (batch of ${batchLines}: p50 ${quantile(http.times, 0.5).toFixed(0)} ms, p99 ${quantile(http.times, 0.99).toFixed(0)} ms), bare COPY ${k(copy.rate)}, ratio ${(http.rate / copy.rate).toFixed(2)}`,
  )
}
console.log(`ratio (median of ${rounds}): ${quantile(ratios, 0.5).toFixed(2)} (aim 0.8, at least 0.4)`)
server?.kill("SIGTERM")
agent.destroy()
await database?.drop()
process.exit(0)
