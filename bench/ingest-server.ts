/** The ingest handler behind a plain node:http server, in a process of its own: `bench/ingest.ts` starts it when no BENCH_URL is given. */
import { createServer } from "node:http"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Refused } from "../lib/base/errors.ts"
import { useDatabase } from "../lib/db/url.ts"
import { readLines } from "../lib/events/body.ts"
import { ingest } from "../lib/events/ingest.ts"

const [url] = process.argv.slice(2)
if (!url) throw new Error("usage: ingest-server.ts DATABASE_URL")
useDatabase(url)

const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
/** Asked by the bench: processor time so far (milliseconds), and the longest that the event loop stood still since the last question. */
process.on("message", () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMs: (user + system) / 1_000, stallMs: delay.max / 1e6 })
  delay.reset()
})

process.once("disconnect", () => process.exit(0))

const server = createServer((request, response) => {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
  readLines({
    contentType: request.headers["content-type"] ?? null,
    contentEncoding: request.headers["content-encoding"] ?? null,
    body: request,
  })
    .then((lines) => ingest(String(request.headers["x-source"]), lines))
    .then(
      (result) => answer(200, result),
      (error: unknown) => answer(error instanceof Refused ? error.status : 500, { error: String(error) }),
    )
})
// Between two rounds the client's connections are idle; one that is closed as it is used again would end the bench.
server.keepAliveTimeout = 600_000
server.listen(0, "127.0.0.1", () => process.send?.(server.address()))
