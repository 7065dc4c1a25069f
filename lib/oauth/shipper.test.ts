import { gunzipSync } from "node:zlib"
import { expect, it } from "vitest"
import type { Fetch } from "./call.ts"
import type { EventLine } from "./event-line.ts"
import { createEventShipper, type ShipperOptions, type ShipperProblem } from "./shipper.ts"

const line = (id: number): EventLine => ({
  event: "token_validated",
  event_id: `e${id}`,
  timestamp: "2026-11-21T12:00:00.000Z",
  validation_result: "success",
  duration_ms: 1,
})

/** Answers with the given statuses in turn, then 200. Keeps what arrived, once per event id, as the real one does. */
function rig(statuses: (number | "cut" | "cut after storing")[] = [], over: Partial<ShipperOptions> = {}) {
  const stored = new Set<string>()
  const requests: { ids: string[]; headers: Headers }[] = []
  const problems: ShipperProblem[] = []
  const fetch: Fetch = async (_, init) => {
    await Promise.resolve()
    const text = gunzipSync(init?.body as Uint8Array).toString()
    const ids = text
      .trim()
      .split("\n")
      .map((one) => (JSON.parse(one) as EventLine).event_id)
    requests.push({ ids, headers: new Headers(init?.headers) })
    const status = statuses.shift() ?? 200
    if (status === "cut") throw new TypeError("reset")
    if (status === 200 || status === "cut after storing") for (const id of ids) stored.add(id)
    if (status === "cut after storing") throw new TypeError("reset")
    return Response.json(
      status === 200 ? { received: ids.length, stored: ids.length, duplicates: 0, rejected: [] } : {},
      { status },
    )
  }
  const shipper = createEventShipper({
    url: "https://grantry.example/api/v1/events",
    token: "gty_secret",
    lingerMs: 60_000,
    backoff: { baseMs: 1, maxMs: 2 },
    fetch,
    onProblem: (problem) => problems.push(problem),
    ...over,
  })
  return { shipper, stored, requests, problems }
}

it("sends a batch as gzipped NDJSON with the API token", async () => {
  const { shipper, requests } = rig()
  for (const id of [1, 2, 3]) shipper.add(line(id))
  await shipper.flush()
  expect(requests.map(({ ids }) => ids)).toEqual([["e1", "e2", "e3"]])
  const headers = requests[0]?.headers
  expect([headers?.get("authorization"), headers?.get("content-encoding"), headers?.get("content-type")]).toEqual([
    "Bearer gty_secret",
    "gzip",
    "application/x-ndjson",
  ])
  expect(shipper.counts()).toMatchObject({ buffered: 0, shipped: 3 })
})

it.each([[429], [503], [502], [408], ["cut"], ["cut after storing"]] as const)(
  "after %s the same lines go again until they are stored",
  async (fault) => {
    const { shipper, stored, requests } = rig([fault, fault])
    shipper.add(line(1))
    shipper.add(line(2))
    await shipper.flush()
    expect(shipper.counts()).toMatchObject({ buffered: 2, shipped: 0 })
    expect(await shipper.close()).toEqual({ left: 0 })
    expect(requests.map(({ ids }) => ids)).toEqual([
      ["e1", "e2"],
      ["e1", "e2"],
      ["e1", "e2"],
    ])
    expect(stored).toEqual(new Set(["e1", "e2"]))
  },
)

it("retries by itself, without anybody calling flush", async () => {
  const { shipper, stored } = rig(["cut", 503], { lingerMs: 1 })
  shipper.add(line(1))
  await expect.poll(() => stored.size, { timeout: 2_000 }).toBe(1)
  expect(shipper.counts()).toMatchObject({ shipped: 1, retries: 2 })
})

it("halves a batch that is too large, and loses nothing", async () => {
  const { shipper, stored, requests } = rig([413, 413])
  for (let id = 0; id < 8; id++) shipper.add(line(id))
  await shipper.flush()
  expect(requests.map(({ ids }) => ids.length)).toEqual([8, 4, 2, 2, 2, 2])
  expect(stored.size).toBe(8)
})

it("gives up on a batch that will never pass, and says so", async () => {
  const { shipper, problems } = rig([400])
  shipper.add(line(1))
  await shipper.flush()
  shipper.add(line(2))
  await shipper.flush()
  expect(problems).toEqual([{ code: "rejected", message: "HTTP 400", lines: 1 }])
  expect(shipper.counts()).toMatchObject({ rejected: 1, shipped: 1, buffered: 0 })
})

it("keeps the lines while the credential is refused", async () => {
  const { shipper, problems } = rig([401])
  shipper.add(line(1))
  await shipper.flush()
  expect(problems[0]).toMatchObject({ code: "unauthorized" })
  await shipper.flush()
  expect(shipper.counts()).toMatchObject({ shipped: 1 })
})

it("has a bound: what does not fit is dropped and counted", () => {
  const { shipper } = rig([], { bufferMax: 2 })
  expect([1, 2, 3].map((id) => shipper.add(line(id)))).toEqual([true, true, false])
  expect(shipper.counts()).toMatchObject({ buffered: 2, dropped: 1 })
})

it("close says what it had to leave behind when the server stays away", async () => {
  const { shipper } = rig(Array.from({ length: 1000 }, () => 503 as const))
  shipper.add(line(1))
  expect(await shipper.close(30)).toEqual({ left: 1 })
  expect(shipper.add(line(2))).toBe(false)
})

it("counts the lines that the server rejected one by one", async () => {
  const { shipper, problems } = rig([], {
    fetch: () =>
      Promise.resolve(
        Response.json({
          received: 2,
          stored: 1,
          duplicates: 0,
          rejected: [{ index: 1, code: "bad_timestamp", message: "" }],
        }),
      ),
  })
  shipper.add(line(1))
  shipper.add(line(2))
  await shipper.flush()
  expect(shipper.counts()).toMatchObject({ shipped: 1, rejected: 1 })
  expect(problems).toEqual([{ code: "rejected", message: "bad_timestamp", lines: 1 }])
})

it("no problem report holds the credential", async () => {
  const { shipper, problems } = rig([401, 503, "cut", 400])
  shipper.add(line(1))
  await shipper.close(200)
  expect(JSON.stringify(problems)).not.toContain("gty_")
})
