import { expect, it, vi } from "vitest"
import type { Fetch } from "./call.ts"
import { createHttpClient } from "./http-client.ts"
import { providerConfig } from "./provider-config.ts"
import { TokenManager } from "./token-manager.ts"

function rig(service: (authorization: string | null) => number, gate: () => Promise<void> = () => Promise.resolve()) {
  let issued = 0
  const seen: (string | null)[] = []
  const bodies: unknown[] = []
  const fetch: Fetch = async (url, init) => {
    await Promise.resolve()
    if (url.endsWith("/token"))
      return Response.json({ access_token: `t${++issued}`, token_type: "Bearer", expires_in: 300 })
    const authorization = new Headers(init?.headers).get("authorization")
    seen.push(authorization)
    bodies.push(init?.body)
    await gate()
    return new Response("", { status: service(authorization) })
  }
  const tokens = new TokenManager({
    provider: providerConfig("generic", { tokenUrl: "https://idp.example/token" }),
    clientId: "c",
    auth: { method: "client_secret_post", secret: "s" },
    fetch,
  })
  return { call: createHttpClient({ tokens, request: { scope: "a" }, fetch }), seen, bodies }
}

it("carries the token and does not repeat what was answered, whatever it was", async () => {
  for (const status of [200, 403, 404, 429, 500, 503]) {
    const { call, seen } = rig(() => status)
    expect((await call("https://api.example/x")).status).toBe(status)
    expect(seen).toEqual(["Bearer t1"])
  }
})

it("on 401 sends the same request once more with a fresh token", async () => {
  const { call, seen, bodies } = rig((authorization) => (authorization === "Bearer t1" ? 401 : 200))
  const answer = await call("https://api.example/x", { method: "POST", body: "same" })
  expect(answer.status).toBe(200)
  expect(seen).toEqual(["Bearer t1", "Bearer t2"])
  expect(bodies).toEqual(["same", "same"])
})

it("gives the second 401 back instead of trying for ever", async () => {
  const { call, seen } = rig(() => 401)
  expect((await call("https://api.example/x")).status).toBe(401)
  expect(seen).toHaveLength(2)
})

it("ten concurrent 401s of one old token cause one new token", async () => {
  const { call, seen } = rig((authorization) => (authorization === "Bearer t1" ? 401 : 200))
  const answers = await Promise.all(Array.from({ length: 10 }, () => call("https://api.example/x")))
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(new Set(seen)).toEqual(new Set(["Bearer t1", "Bearer t2"]))
})

it("a late 401 of the old token does not throw the new one away", async () => {
  const held: (() => void)[] = []
  const { call, seen } = rig(
    (authorization) => (authorization === "Bearer t1" ? 401 : 200),
    () => new Promise((go) => held.push(go)),
  )
  const release = async (): Promise<void> => {
    await expect.poll(() => held.length).toBeGreaterThan(0)
    held.shift()?.()
  }
  const late = call("https://api.example/late")
  await expect.poll(() => held.length).toBe(1)
  const [hold] = held.splice(0)
  const early = call("https://api.example/early")
  await release()
  await release()
  await early
  hold?.()
  await release()
  await late
  expect(seen).toEqual(["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2"])
})

it("gives up on a service that does not answer in time", async () => {
  const tokens = new TokenManager({
    provider: providerConfig("generic", { tokenUrl: "https://idp.example/token" }),
    clientId: "c",
    auth: { method: "client_secret_post", secret: "s" },
    fetch: () => Promise.resolve(Response.json({ access_token: "t", token_type: "Bearer", expires_in: 300 })),
  })
  const call = createHttpClient({ tokens, request: {}, timeoutMs: 10, fetch: () => new Promise(() => undefined) })
  await expect(call("https://api.example/x")).rejects.toMatchObject({ code: "timeout" })
})

it("without a limit of its own gives up on a service after 5 s", async () => {
  vi.useFakeTimers()
  try {
    const tokens = new TokenManager({
      provider: providerConfig("generic", { tokenUrl: "https://idp.example/token" }),
      clientId: "c",
      auth: { method: "client_secret_post", secret: "s" },
      fetch: () => Promise.resolve(Response.json({ access_token: "t", token_type: "Bearer", expires_in: 300 })),
    })
    const call = createHttpClient({ tokens, request: {}, fetch: () => new Promise(() => undefined) })
    let outcome: unknown = "waiting"
    void call("https://api.example/x").catch((error: unknown) => (outcome = error))
    await vi.advanceTimersByTimeAsync(4_999)
    expect(outcome).toBe("waiting")
    await vi.advanceTimersByTimeAsync(1)
    expect(outcome).toMatchObject({ code: "timeout" })
  } finally {
    vi.useRealTimers()
  }
})
