import { expect, it, vi } from "vitest"
import type { Fetch } from "./call.ts"
import { createIntrospector, type IntrospectorOptions } from "./introspection.ts"

function rig(over: Partial<IntrospectorOptions> = {}) {
  const state = {
    now: 1_000_000_000,
    answer: { active: true, sub: "c", aud: "a", exp: 2_000_000 } as object,
    status: 200,
  }
  const asked: { url: string; authorization: string | null; token: string | null }[] = []
  const fetch: Fetch = async (url, init) => {
    // Longer than a digest takes, so that concurrent callers do meet.
    await new Promise((done) => setTimeout(done, 5))
    if (url.includes("well-known")) return Response.json({ introspection_endpoint: "https://idp.example/discovered" })
    asked.push({
      url,
      authorization: new Headers(init?.headers).get("authorization"),
      token: new URLSearchParams(String(init?.body)).get("token"),
    })
    return Response.json(state.answer, { status: state.status })
  }
  const introspector = createIntrospector({
    endpoint: "https://idp.example/introspect",
    auth: { method: "basic", clientId: "rs", secret: "s" },
    fetch,
    now: () => state.now,
    ...over,
  })
  return { introspector, state, asked }
}

it("believes an active answer 60 s and an inactive one 30 s", async () => {
  const { introspector, state, asked } = rig()
  await introspector.introspect("t")
  state.now += 59_999
  await introspector.introspect("t")
  expect(asked).toHaveLength(1)
  state.now += 1
  state.answer = { active: false }
  expect((await introspector.introspect("t")).active).toBe(false)
  state.now += 29_999
  await introspector.introspect("t")
  expect(asked).toHaveLength(2)
  state.now += 1
  await introspector.introspect("t")
  expect(asked).toHaveLength(3)
})

it("never believes an answer past exp", async () => {
  const { introspector, state, asked } = rig()
  state.answer = { active: true, exp: state.now / 1000 + 5 }
  await introspector.introspect("t")
  state.now += 5_000
  await introspector.introspect("t")
  expect(asked).toHaveLength(2)
})

it("tokens that begin alike do not meet in the cache, and concurrent callers share one request", async () => {
  const { introspector, asked } = rig()
  await Promise.all([introspector.introspect("t1"), introspector.introspect("t1"), introspector.introspect("t2")])
  expect(asked.map(({ token }) => token)).toEqual(["t1", "t2"])
})

it("the whole digest names a token: two that agree in its first 16 digits do not meet", async () => {
  const digest = vi.spyOn(crypto.subtle, "digest").mockImplementation((_, data) => {
    const bytes = new Uint8Array(32).fill(7)
    bytes[31] = new Uint8Array(data as ArrayBuffer).at(-1) ?? 0
    return Promise.resolve(bytes.buffer)
  })
  try {
    const { introspector, asked } = rig()
    for (const token of ["a", "b", "a"]) await introspector.introspect(token)
    expect(asked.map(({ token }) => token)).toEqual(["a", "b"])
    expect(digest).toHaveBeenCalledWith("SHA-256", expect.anything())
  } finally {
    digest.mockRestore()
  }
})

it("a server may know the tokens of another issuer", async () => {
  const { introspector, state } = rig({ endpoint: undefined as never, discoverFrom: "https://idp.example" })
  state.answer = { active: true, client_id: "c", iss: "https://another-issuer.example", scope: "a" }
  expect(await introspector.verify("t")).toMatchObject({ caller: "c", scopes: ["a"] })
})

it("proves itself with Basic or with a Bearer token of its own", async () => {
  const basic = rig()
  await basic.introspector.introspect("t")
  expect(basic.asked[0]?.authorization).toBe(`Basic ${btoa("rs:s")}`)
  const bearer = rig({ auth: { method: "bearer", token: () => "mine" } })
  await bearer.introspector.introspect("t")
  expect(bearer.asked[0]?.authorization).toBe("Bearer mine")
})

it("a static endpoint beats the discovered one", async () => {
  const discovered = rig({ endpoint: undefined as never, discoverFrom: "https://idp.example" })
  await discovered.introspector.introspect("t")
  expect(discovered.asked[0]?.url).toBe("https://idp.example/discovered")
  const both = rig({ discoverFrom: "https://idp.example" })
  await both.introspector.introspect("t")
  expect(both.asked[0]?.url).toBe("https://idp.example/introspect")
})

it("a refused caller is our fault, not the token's, and is not cached", async () => {
  const { introspector, state } = rig()
  state.status = 401
  await expect(introspector.introspect("t")).rejects.toMatchObject({ code: "introspection_refused" })
  await expect(introspector.verify("t")).rejects.toMatchObject({ status: 503 })
  state.status = 200
  expect((await introspector.introspect("t")).active).toBe(true)
})

it.each([
  [{ active: false }, {}, "inactive", 401],
  [{ active: true, aud: "other" }, { audience: "a" }, "wrong_audience", 401],
  [{ active: true }, { audience: "a" }, "wrong_audience", 401],
  [{ active: true, iss: "x" }, { issuer: "y" }, "wrong_issuer", 401],
  [{ active: true, exp: 1 }, {}, "expired", 401],
  [{ active: "true" }, {}, "introspection_unavailable", 503],
])("verify of %j with %j is %s", async (answer, over, reason, status) => {
  const { introspector, state } = rig(over)
  state.answer = answer
  await expect(introspector.verify("t")).rejects.toMatchObject({ reason, status })
})

it("the introspected scope decides", async () => {
  const { introspector, state } = rig()
  state.answer = { active: true, client_id: "c", scope: [{ rn: "my_service", role: "admin" }] }
  expect(await introspector.verify("t")).toMatchObject({ caller: "c", scopes: ["my_service:admin"] })
})

it("the cache has a bound", async () => {
  const { introspector, asked } = rig({ cacheMax: 2 })
  for (const token of ["a", "b", "c", "c", "b", "a"]) await introspector.introspect(token)
  expect(asked.map(({ token }) => token)).toEqual(["a", "b", "c", "a"])
})
