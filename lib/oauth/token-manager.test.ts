import { inspect } from "node:util"
import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import type { Fetch } from "./call.ts"
import type { EventLine } from "./event-line.ts"
import { providerConfig } from "./provider-config.ts"
import { TokenManager, type TokenManagerOptions } from "./token-manager.ts"

/** An authorization server and a clock under the test's hand. Each token is new: `t1`, `t2`, ... */
function rig(over: Partial<TokenManagerOptions> = {}) {
  const state = {
    now: 1_000_000,
    down: false,
    life: 300 as number | undefined,
    issued: 0,
    answer: undefined as (() => Response) | undefined,
  }
  const requests: { url: string; form: URLSearchParams; headers: Headers }[] = []
  const slept: number[] = []
  const events: EventLine[] = []
  const fetch: Fetch = async (url, init) => {
    requests.push({ url, form: new URLSearchParams(String(init?.body)), headers: new Headers(init?.headers) })
    await Promise.resolve()
    if (state.down) throw new TypeError("connection refused")
    if (state.answer) return state.answer()
    const life = state.life === undefined ? {} : { expires_in: state.life }
    return Response.json({ access_token: `t${++state.issued}`, token_type: "Bearer", ...life })
  }
  const manager = new TokenManager({
    provider: providerConfig("generic", { tokenUrl: "https://idp.example/token" }),
    clientId: "order-service",
    auth: { method: "client_secret_basic", secret: "s:e c%" },
    fetch,
    now: () => state.now,
    random: () => 0,
    sleep: (ms) => {
      slept.push(ms)
      state.now += ms
      return Promise.resolve()
    },
    onEvent: (line) => events.push(line),
    ...over,
  })
  const get = async (scope = "payments:write", audience = "https://payments") =>
    (await manager.get({ scope, audience })).token
  return { state, requests, slept, events, manager, get }
}

describe("TokenManager", () => {
  it("asks once and serves from the cache until 60 s before the end", async () => {
    const { get, state, requests } = rig()
    expect(await get()).toBe("t1")
    state.now += 239_999
    expect(await get()).toBe("t1")
    state.now += 1
    expect(await get()).toBe("t2")
    expect(requests).toHaveLength(2)
  })

  it("keeps one token per scope and audience, whatever the order of the scopes", async () => {
    const { get } = rig()
    expect([await get("a b"), await get("b a"), await get("a"), await get("a b", "https://other")]).toEqual([
      "t1",
      "t1",
      "t2",
      "t3",
    ])
  })

  it("shares one request among a hundred concurrent callers", async () => {
    const { get, requests } = rig()
    const tokens = await Promise.all(Array.from({ length: 100 }, () => get()))
    expect(new Set(tokens)).toEqual(new Set(["t1"]))
    expect(requests).toHaveLength(1)
  })

  it("shares a failure too, and starts afresh afterwards", async () => {
    const { get, state, requests } = rig({ attempts: 1 })
    state.down = true
    const results = await Promise.allSettled([get(), get(), get()])
    expect(results.every(({ status }) => status === "rejected")).toBe(true)
    expect(requests).toHaveLength(1)
    state.down = false
    expect(await get()).toBe("t1")
  })

  it("uses a cached token that is still valid while the server is down, and asks again only after the back-off", async () => {
    const { get, state, requests } = rig()
    await get()
    state.down = true
    state.now += 250_000
    expect(await get()).toBe("t1")
    expect(requests).toHaveLength(2)
    expect(await get()).toBe("t1")
    expect(requests).toHaveLength(2)
    state.now += 200
    expect(await get()).toBe("t1")
    expect(requests).toHaveLength(3)
    state.down = false
    state.now += 10_000
    expect(await get()).toBe("t2")
  })

  it("never serves a token past expires_in, the server being down or not", async () => {
    const { get, state } = rig()
    await get()
    state.down = true
    state.now += 300_000
    await expect(get()).rejects.toMatchObject({ code: "unreachable", transient: true })
  })

  it("retries what may pass with exponential back-off, then gives up with the last error", async () => {
    const { get, state, requests, slept } = rig({ attempts: 4 })
    state.answer = () => new Response("", { status: 503 })
    await expect(get()).rejects.toMatchObject({ code: "authorization_server_unavailable" })
    expect(requests).toHaveLength(4)
    expect(slept).toEqual([100, 200, 400])
  })

  it("waits at least as long as Retry-After asks", async () => {
    const { get, state, slept } = rig({ attempts: 2 })
    state.answer = () => new Response("", { status: 429, headers: { "retry-after": "7" } })
    await expect(get()).rejects.toThrow()
    expect(slept).toEqual([7_000])
  })

  it("does not retry a refusal, and carries its OAuth word", async () => {
    const { get, state, requests, events } = rig()
    state.answer = () => Response.json({ error: "invalid_scope" }, { status: 400 })
    await expect(get()).rejects.toMatchObject({
      code: "token_refused",
      evidence: { error: "invalid_scope", status: 400 },
    })
    expect(requests).toHaveLength(1)
    expect(events).toMatchObject([
      { event: "token_issued", validation_result: "failure", failure_reason: "invalid_scope" },
    ])
  })

  it("invalidate with an old token leaves a newer one alone", async () => {
    const { get, manager } = rig()
    const pair = { scope: "payments:write", audience: "https://payments" }
    await get()
    manager.invalidate(pair, "t1")
    expect(await get()).toBe("t2")
    manager.invalidate(pair, "t1")
    expect(await get()).toBe("t2")
    manager.invalidate(pair)
    expect(await get()).toBe("t3")
  })

  it("does not cache an answer without expires_in", async () => {
    const { get, state } = rig()
    state.life = undefined
    expect([await get(), await get()]).toEqual(["t1", "t2"])
  })

  it("renews a token that lives no longer than the early refresh at half its life", async () => {
    const { get, state } = rig()
    state.life = 60
    await get()
    state.now += 29_999
    expect(await get()).toBe("t1")
    state.now += 1
    expect(await get()).toBe("t2")
  })

  it.each([
    [{ token_type: "Bearer", expires_in: 60 }, "no access_token"],
    [{ access_token: "x", token_type: "mac", expires_in: 60 }, "not of token_type Bearer"],
    ["text", "not a JSON object"],
  ])("refuses the answer %j", async (body, why) => {
    const { get, state } = rig()
    state.answer = () => Response.json(body)
    await expect(get()).rejects.toMatchObject({ code: "bad_answer", message: expect.stringContaining(why) as string })
  })

  it("form-encodes both parts of the Basic header before joining them", async () => {
    const { get, requests } = rig({ clientId: "a:b" })
    await get()
    const header = requests[0]?.headers.get("authorization") ?? ""
    expect(atob(header.replace("Basic ", ""))).toBe("a%3Ab:s%3Ae+c%25")
  })

  it("sends scope and resource, and lets extra parameters win", async () => {
    const { get, requests } = rig({ extraParams: { scope: "other", tenant: "7" } })
    await get()
    expect(Object.fromEntries(requests[0]?.form ?? [])).toEqual({
      grant_type: "client_credentials",
      scope: "other",
      resource: "https://payments",
      tenant: "7",
    })
  })

  it("gives up on a server that never answers", async () => {
    const { manager } = rig({ fetch: () => new Promise(() => undefined), timeoutMs: 10, attempts: 1 })
    await expect(manager.get({ scope: "a" })).rejects.toMatchObject({ code: "timeout" })
  })

  it("without a limit of its own gives up on a request after 5 s", async () => {
    vi.useFakeTimers()
    try {
      const { manager } = rig({ fetch: () => new Promise(() => undefined), attempts: 1 })
      let outcome: unknown = "waiting"
      void manager.get({ scope: "a" }).catch((error: unknown) => (outcome = error))
      await vi.advanceTimersByTimeAsync(4_999)
      expect(outcome).toBe("waiting")
      await vi.advanceTimersByTimeAsync(1)
      expect(outcome).toMatchObject({ code: "timeout" })
    } finally {
      vi.useRealTimers()
    }
  })

  it("renews as early as it is told to", async () => {
    const { get, state } = rig({ refreshBeforeMs: 10_000 })
    await get()
    state.now += 289_999
    expect(await get()).toBe("t1")
    state.now += 1
    expect(await get()).toBe("t2")
  })

  it("no event and no error holds the token or the secret, not even partly", async () => {
    const secret = "sECRET-0123456789-value"
    const { get, manager, state, events } = rig({ auth: { method: "client_secret_post", secret }, attempts: 1 })
    const pair = { scope: "payments:write", audience: "https://payments" }
    const token = "tOKEN-abcdefghij-value"
    const answers = [
      () => Response.json({ access_token: token, token_type: "Bearer", expires_in: 300 }),
      () => Response.json({ access_token: token, token_type: "mac" }),
      () => Response.json({ error: "invalid_client" }, { status: 401 }),
      () => new Response(`${token} ${secret}`, { status: 503 }),
    ]
    const told: unknown[] = []
    for (const answer of answers) {
      state.answer = answer
      manager.invalidate(pair)
      await get().catch((error: unknown) => told.push(error))
    }
    expect([told.length, events.length]).toEqual([3, 4])
    const written = JSON.stringify(events) + told.map((error) => inspect(error, { depth: 9, showHidden: true })).join()
    for (const never of [token, secret]) expect(written).not.toContain(never.slice(0, 8))
  })

  it("discovers the token endpoint from the issuer alone, once", async () => {
    const urls: string[] = []
    const fetch: Fetch = async (url) => {
      urls.push(url)
      await Promise.resolve()
      if (url.includes("well-known"))
        return Response.json({ issuer: "https://idp.example", token_endpoint: "https://idp.example/t" })
      return Response.json({ access_token: "x", token_type: "bearer", expires_in: 300 })
    }
    const { manager } = rig({ provider: providerConfig("generic", { issuer: "https://idp.example" }), fetch })
    await Promise.all([manager.get({ scope: "a" }), manager.get({ scope: "b" })])
    expect(urls).toEqual([
      "https://idp.example/.well-known/openid-configuration",
      "https://idp.example/t",
      "https://idp.example/t",
    ])
  })

  it("property: under any outage no caller ever gets an expired token", async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 200_000 }),
      down: fc.boolean(),
      life: fc.integer({ min: 1, max: 400 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const { manager, state } = rig({ attempts: 2 })
        for (const { wait, down, life } of steps) {
          Object.assign(state, { down, life, now: state.now + wait })
          const token = await manager.get({ scope: "a" }).catch(() => undefined)
          if (token === undefined) expect(down).toBe(true)
          else expect(token.expiresAtMs).toBeGreaterThan(state.now)
        }
      }),
      { numRuns: 60 },
    )
  })
})
