import { afterEach, expect, it } from "vitest"
import { makeApi, memoryKeeper } from "../demo/api.fixture.ts"
import { runDemo } from "./run.ts"
import { makeWorld, type World } from "./world.fixture.ts"

let world: World
const stopping = { now: new AbortController() }
afterEach(() => {
  stopping.now.abort()
  world.close()
})

async function begin() {
  world = await makeWorld()
  stopping.now = new AbortController()
  const api = makeApi(world.options.issuer)
  const warned: unknown[] = []
  const log = { info: () => undefined, warn: (problem: unknown) => void warned.push(problem) }
  const options = { keeper: memoryKeeper(), apiUrl: () => world.options.issuer, log, signal: stopping.now.signal }
  const done = runDemo({ ...options, call: api.call, pollMs: 10, secretsEveryMs: 20, rate: 100 })
  return { api, warned, done }
}

it("idles until the demo is on, runs it, and removes it when it is off again", async () => {
  const { api, done } = await begin()
  await expect.poll(() => api.state.calls).toBeGreaterThan(3)
  expect([api.rows.clients.length, api.state.phase]).toEqual([0, "off"])
  api.state.enabled = true
  await expect.poll(() => api.state.phase, { timeout: 5_000 }).toBe("running")
  await expect.poll(() => world.lines.length, { timeout: 5_000 }).toBeGreaterThan(20)
  api.state.enabled = false
  await expect.poll(() => api.state.phase, { timeout: 5_000 }).toBe("off")
  expect([api.rows.clients.length, api.remote.size]).toEqual([0, 0])
  const after = world.lines.length
  stopping.now.abort()
  await done
  expect(world.lines).toHaveLength(after)
}, 20_000)

it("says in the demo's state why it cannot go on, and goes on by itself when it can", async () => {
  const { api, warned } = await begin()
  await api.call("POST", "/api/v1/clients", { name: "order-service", tags: [] })
  api.state.enabled = true
  await expect.poll(() => api.state.phase, { timeout: 5_000 }).toBe("failed")
  expect(api.state.message).toContain("order-service")
  api.remote.set("client order-service", { kind: "client", key: "order-service" })
  await expect.poll(() => api.state.phase, { timeout: 5_000 }).toBe("running")
  expect(warned).toHaveLength(1)
}, 20_000)

it("a rotation of a demo client is taken over without a stop of the demo", async () => {
  const { api } = await begin()
  api.state.enabled = true
  await expect.poll(() => api.state.phase, { timeout: 5_000 }).toBe("running")
  const shop = String(api.rows.clients.find((row) => row["name"] === "demo-web-shop")?.id)
  await api.call("POST", `/api/v1/clients/${shop}/rotations`, {})
  await expect
    .poll(() => api.secrets.filter(({ client, revealed }) => client === shop && revealed).length, { timeout: 5_000 })
    .toBe(2)
  const before = world.lines.length
  await expect.poll(() => world.lines.length, { timeout: 5_000 }).toBeGreaterThan(before + 10)
  expect(api.state.phase).toBe("running")
}, 20_000)
