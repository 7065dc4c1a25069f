import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeApi, memoryKeeper } from "./api.fixture.ts"
import { nothingKept } from "./kept.ts"
import { demoClients, demoGrants, isDemoChange } from "./layout.ts"
import { removeDemo } from "./remove.ts"
import { setUpDemo } from "./setup.ts"

const wait = () => Promise.resolve()
let idp: Server
let issuer = ""
beforeAll(async () => {
  idp = createServer((_, res) =>
    res.setHeader("content-type", "application/json").end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` })),
  )
  await new Promise<void>((listening) => idp.listen(0, "127.0.0.1", listening))
  issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`
})
afterAll(() => void idp.close())

const world = () => ({ api: makeApi(issuer), keeper: memoryKeeper() })

describe("setting up the demo", () => {
  it("registers, applies, reveals and makes a source, as a user would", async () => {
    const { api, keeper } = world()
    const ready = await setUpDemo(api.call, keeper, wait)
    expect(api.rows.grants).toHaveLength(demoGrants.length)
    expect(api.remote.size).toBe(5 + 6 + demoGrants.length)
    expect(ready.clients.order).toMatchObject({
      clientId: "demo-order-service",
      clientSecret: expect.stringContaining("secret of") as string,
    })
    expect(ready.provider).toMatchObject({ id: "p1", jwksUri: `${issuer}/jwks` })
    expect(api.rows.tokens).toMatchObject([{ permissions: ["events:write"], source_id: api.rows.sources[0]?.id }])
    expect(ready.ingestToken).toMatch(/^gty_/)
  })

  it("a second time it changes nothing and answers the same", async () => {
    const { api, keeper } = world()
    const first = await setUpDemo(api.call, keeper, wait)
    const before = structuredClone({ ...api.rows, secrets: api.secrets })
    expect(await setUpDemo(api.call, keeper, wait)).toEqual(first)
    expect({ ...api.rows, secrets: api.secrets }).toEqual(before)
  })

  it("broken off at any call, before or after its effect, it is finished by the next attempt with one of each", async () => {
    const whole = world()
    await setUpDemo(whole.api.call, whole.keeper, wait)
    for (let dieAt = 1; dieAt <= whole.api.state.calls; dieAt++) {
      const { api, keeper } = world()
      api.state.dieAt = dieAt
      await expect(setUpDemo(api.call, keeper, wait), `call ${dieAt}`).rejects.toThrow("connection lost")
      const ready = await setUpDemo(api.call, keeper, wait)
      expect(api.rows.clients, `call ${dieAt}`).toHaveLength(6)
      expect(api.rows.sources, `call ${dieAt}`).toHaveLength(1)
      expect([...api.remote.keys()].sort()).toEqual([...whole.api.remote.keys()].sort())
      for (const [key, { name }] of Object.entries(demoClients)) {
        const credential = ready.clients[key as keyof typeof demoClients]
        expect(credential.clientId).toBe(name)
        expect(api.secrets.find(({ id }) => id === credential.secretId)?.state).toBe("live")
      }
    }
  })

  it("a secret that somebody else revealed is replaced by a rotation", async () => {
    const { api, keeper } = world()
    const first = await setUpDemo(api.call, keeper, wait)
    keeper.write(nothingKept)
    const again = await setUpDemo(api.call, keeper, wait)
    expect(again.clients.shop.secretId).not.toBe(first.clients.shop.secretId)
    expect(api.secrets).toHaveLength(12)
  })

  it("takes over a newer secret, but keeps its own while the newer one is somebody else's", async () => {
    const { api, keeper } = world()
    const first = await setUpDemo(api.call, keeper, wait)
    const shop = String(api.rows.clients.find((row) => row["name"] === "demo-web-shop")?.id)
    await api.call("POST", `/api/v1/clients/${shop}/rotations`, {})
    const second = await setUpDemo(api.call, keeper, wait)
    expect(second.clients.shop.secretId).not.toBe(first.clients.shop.secretId)
    await api.call("POST", `/api/v1/clients/${shop}/rotations`, {})
    const newest = api.secrets.at(-1)
    if (newest) newest.revealed = true
    expect((await setUpDemo(api.call, keeper, wait)).clients.shop).toEqual(second.clients.shop)
  })

  it("waits for a secret that has not been tried at the provider yet", async () => {
    const { api, keeper } = world()
    let waited = 0
    const patience = () => {
      // The canary comes through while the demo waits.
      if (++waited === 3) for (const secret of api.secrets) secret.state = "live"
      return Promise.resolve()
    }
    const call: typeof api.call = async (method, path, body) => {
      const answer = await api.call(method, path, body)
      if (path.endsWith("/apply")) for (const secret of api.secrets) secret.state = "pending"
      return answer
    }
    const ready = await setUpDemo(call, keeper, patience)
    expect(waited).toBe(3)
    expect(ready.clients.order.clientId).toBe("demo-order-service")
  })

  it("does not carry out somebody else's pending changes", async () => {
    const { api, keeper } = world()
    await api.call("POST", "/api/v1/clients", { name: "order-service", tags: [] })
    await expect(setUpDemo(api.call, keeper, wait)).rejects.toMatchObject({
      code: "foreign_changes",
      message: expect.stringContaining("order-service") as string,
    })
    expect(api.remote.size).toBe(0)
  })

  it("says so when the apply did not end well", async () => {
    const { api, keeper } = world()
    api.state.planStatus = "partially_applied"
    await expect(setUpDemo(api.call, keeper, wait)).rejects.toMatchObject({ code: "not_applied" })
  })

  it("does not take over a client of the user's that happens to have its name", async () => {
    const { api, keeper } = world()
    await api.call("POST", "/api/v1/clients", { name: "demo-gateway", tags: [] })
    await expect(setUpDemo(api.call, keeper, wait)).rejects.toMatchObject({ code: "name_taken" })
  })
})

describe("removing the demo", () => {
  it("takes everything away, at the provider and with its events, and leaves the user's own", async () => {
    const { api, keeper } = world()
    await setUpDemo(api.call, keeper, wait)
    const source = api.rows.sources[0]?.id
    await api.call("POST", "/api/v1/audiences", { identifier: "https://payment-service.internal", tags: [] })
    await api.call("POST", "/api/v1/sources", { name: "mine" })
    await removeDemo(api.call, keeper, wait)
    expect([api.rows.clients, api.rows.grants, api.rows.tokens]).toEqual([[], [], []])
    expect(api.rows.audiences).toMatchObject([{ identifier: "https://payment-service.internal" }])
    expect(api.rows.sources).toMatchObject([{ name: "mine" }])
    expect(api.remote.size).toBe(0)
    expect(api.state.deletedEvents).toEqual([source])
    expect(keeper.read()).toEqual(nothingKept)
  })

  it("takes along a grant of the user's own client on a demo API, and nothing else of it", async () => {
    const { api, keeper } = world()
    await setUpDemo(api.call, keeper, wait)
    await api.call("POST", "/api/v1/clients", { name: "order-service", tags: [] })
    await api.call("POST", "/api/v1/grants", {
      client: "order-service",
      audience: "https://orders.demo.internal",
      scopes: ["orders:read"],
    })
    for (const [kind, key] of [
      ["client", "order-service"],
      ["grant", "order-service https://orders.demo.internal"],
    ] as const)
      api.remote.set(`${kind} ${key}`, { kind, key })
    await removeDemo(api.call, keeper, wait)
    expect([...api.remote.keys()]).toEqual(["client order-service"])
    expect(api.rows.clients).toMatchObject([{ name: "order-service" }])
  })

  it("broken off at any call it is finished by the next attempt; without a demo it does nothing", async () => {
    const whole = world()
    await setUpDemo(whole.api.call, whole.keeper, wait)
    const before = whole.api.state.calls
    await removeDemo(whole.api.call, whole.keeper, wait)
    const calls = whole.api.state.calls - before
    for (let step = 1; step <= calls; step++) {
      const { api, keeper } = world()
      await setUpDemo(api.call, keeper, wait)
      api.state.dieAt = api.state.calls + step
      await expect(removeDemo(api.call, keeper, wait)).rejects.toThrow("connection lost")
      await removeDemo(api.call, keeper, wait)
      expect([api.rows.clients.length, api.rows.sources.length, api.remote.size], `step ${step}`).toEqual([0, 0, 0])
    }
  })
})

it("knows its own changes from others'", () => {
  expect(isDemoChange({ kind: "client", key: "demo-gateway" })).toBe(true)
  expect(isDemoChange({ kind: "grant", key: "demo-gateway https://orders.demo.internal" })).toBe(true)
  expect(isDemoChange({ kind: "audience", key: "https://orders.demo.internal" })).toBe(true)
  expect(isDemoChange({ kind: "client", key: "demo-gateway-2" })).toBe(false)
  expect(isDemoChange({ kind: "grant", key: "order-service https://orders.demo.internal" })).toBe(false)
})
