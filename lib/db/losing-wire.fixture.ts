/** A wire to Postgres that can lose the answer to a commit: the server has committed, and nobody hears of it. */
import { once } from "node:events"
import { connect, createServer, type Socket } from "node:net"
import { afterAll, beforeAll } from "vitest"
import { closeDb } from "./client.ts"
import { testDatabase, type TestDatabase } from "./testing.ts"
import { useDatabase } from "./url.ts"

export interface LosingWire {
  /** The same database, by this wire. */
  readonly url: string
  /** Transactions that were begun, and those that were committed, since the last `lose`. */
  readonly begun: number
  readonly commits: number
  /** Of the n-th commit from now on (from 1; 0: of none) this is lost, once, and the connection with it. */
  lose(n: number, what: "its answer" | "itself"): void
  /** Nobody gets through, until it is `whole` again. */
  cut(): void
  whole(): void
  stop(): Promise<void>
}

/** For the top of a test file: a database of its own, and the wire that everybody of this process reaches it by. */
export function wiredDatabase(): () => LosingWire {
  let database: TestDatabase
  let wire: LosingWire
  beforeAll(async () => {
    database = await testDatabase()
    await closeDb()
    wire = await losingWire(database.url)
    useDatabase(wire.url)
  })
  afterAll(async () => {
    await closeDb()
    await wire.stop()
    await database.drop()
  })
  return () => wire
}

/** Stands between this process and the database of `url`, without TLS. */
async function losingWire(url: string): Promise<LosingWire> {
  const there = new URL(url)
  const open = new Set<Socket>()
  let [begun, commits, doomed, isCut] = [0, 0, 0, false]
  let loses: "its answer" | "itself" = "its answer"
  const server = createServer((client) => {
    const postgres = connect(Number(there.port || 5432), there.hostname)
    let deaf = false
    const end = () => {
      client.destroy()
      postgres.destroy()
    }
    for (const socket of [client, postgres]) {
      open.add(socket)
      socket.on("error", end)
      socket.on("close", () => {
        open.delete(socket)
        end()
      })
    }
    if (isCut) end()
    client.on("data", (bytes) => {
      const text = bytes.toString("latin1")
      if (/\bbegin\b/i.test(text)) begun++
      const hit = /\bcommit\b/i.test(text) && ++commits === doomed
      if (hit && loses === "itself") return end()
      deaf ||= hit
      postgres.write(bytes)
    })
    postgres.on("data", (bytes) => {
      if (deaf) end()
      else client.write(bytes)
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the wire has no port")
  const here = new URL(url)
  here.hostname = "127.0.0.1"
  here.port = String(address.port)
  const drop = () => {
    for (const socket of open) socket.destroy()
  }
  return {
    url: here.href,
    get begun() {
      return begun
    },
    get commits() {
      return commits
    },
    lose(n, what) {
      ;[begun, commits, doomed, loses] = [0, 0, n, what]
    },
    cut() {
      isCut = true
      drop()
    },
    whole() {
      isCut = false
    },
    async stop() {
      const closed = once(server, "close")
      server.close()
      drop()
      await closed
    },
  }
}
