import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import { FetchRefused, guardedFetch, type GuardedFetch } from "../base/http.ts"
import { ecSigner } from "../token/token.fixture.ts"
import { keySetCache } from "./jwks.ts"

const a = ecSigner("a").jwk
const b = ecSigner("b").jwk
const source = { issuer: "https://issuer.example", url: "https://issuer.example/jwks" }

/** An issuer that answers what `reply` says at the moment, a clock that the test turns. */
function rig(first: unknown) {
  const state = { reply: first, calls: [] as string[], now: 1_000_000 }
  const fetch: GuardedFetch = async (url) => {
    state.calls.push(url)
    await Promise.resolve()
    if (state.reply instanceof Error) throw state.reply
    return {
      status: 200,
      headers: new Headers(),
      text: typeof state.reply === "string" ? state.reply : JSON.stringify(state.reply),
    }
  }
  return {
    state,
    cache: keySetCache(fetch, () => state.now),
    wait: (seconds: number) => void (state.now += seconds * 1000),
  }
}
const kids = (loaded: { set: { keys: readonly { kid: string | null }[] } | null }) =>
  loaded.set?.keys.map((key) => key.kid)

describe("the key set cache", () => {
  it("shares one request among a thousand concurrent callers, and answers later ones from memory", async () => {
    const { state, cache, wait } = rig({ keys: [a] })
    await Promise.all(Array.from({ length: 1000 }, () => cache.keysFor(source, "a")))
    wait(599)
    expect(await cache.keysFor(source, "a")).toMatchObject({ ageSeconds: 599, problem: null })
    expect(state.calls).toHaveLength(1)
    wait(1)
    await cache.keysFor(source, "a")
    expect(state.calls).toHaveLength(2)
  })

  it("finds a kid published just before its first use by one refetch", async () => {
    const { state, cache, wait } = rig({ keys: [a] })
    await cache.keysFor(source, "a")
    state.reply = { keys: [a, b] }
    wait(1)
    expect(kids(await cache.keysFor(source, "b"))).toEqual(["a", "b"])
    expect(state.calls).toHaveLength(2)
  })

  it("refetches at most once in 30 s for a thousand tokens with random kids", async () => {
    const { state, cache, wait } = rig({ keys: [a] })
    await cache.keysFor(source, "a")
    wait(1)
    for (let n = 0; n < 1000; n += 1) await cache.keysFor(source, `random-${String(n)}`)
    await Promise.all(Array.from({ length: 1000 }, (_, n) => cache.keysFor(source, `other-${String(n)}`)))
    expect(state.calls).toHaveLength(2)
    wait(29)
    await cache.keysFor(source, "again")
    expect(state.calls).toHaveLength(2)
    wait(1)
    await cache.keysFor(source, "again")
    expect(state.calls).toHaveLength(3)
  })

  it("makes no second request for an unknown kid that came with the first load", async () => {
    const { state, cache } = rig({ keys: [a] })
    await Promise.all(Array.from({ length: 10 }, (_, n) => cache.keysFor(source, `random-${String(n)}`)))
    expect(state.calls).toHaveLength(1)
  })

  it("keeps two issuers with one address apart, and one issuer with two addresses", async () => {
    const { state, cache } = rig({ keys: [a] })
    await cache.keysFor(source, "a")
    state.reply = { keys: [b] }
    expect(kids(await cache.keysFor({ ...source, issuer: `${source.issuer}/` }, "b"))).toEqual(["b"])
    expect(kids(await cache.keysFor({ ...source, url: `${source.url}2` }, "b"))).toEqual(["b"])
    expect(kids(await cache.keysFor(source, "a"))).toEqual(["a"])
    expect(state.calls).toHaveLength(3)
  })

  it.each<[string, unknown]>([
    ["other material under a known kid", { keys: [{ ...b, kid: "a" }] }],
    ["a symmetric key", { keys: [a, { kty: "oct", k: "AQID", kid: "x" }] }],
    ["a kid twice", { keys: [a, { ...b, kid: "a" }] }],
    ["a duplicate member", '{"keys":[],"keys":[]}'],
    ["no JSON", "<html>"],
    ["a dead server", new FetchRefused("timeout", "No answer within 5 s.")],
    ["an unexpected error", new Error("boom with a secret")],
  ])("refuses %s and keeps the last good set, with its age", async (_, poison) => {
    const { state, cache, wait } = rig({ keys: [a] })
    await cache.keysFor(source, "a")
    state.reply = poison
    wait(600)
    const loaded = await cache.keysFor(source, "a")
    expect(loaded).toMatchObject({ ageSeconds: 600, problem: expect.any(String), set: { refused: null } })
    expect(loaded.problem).not.toContain("secret")
    expect(kids(loaded)).toEqual(["a"])
    await cache.keysFor(source, "a")
    expect(state.calls).toHaveLength(2)
  })

  it("takes changed material after a person accepted it", async () => {
    const { state, cache, wait } = rig({ keys: [a] })
    await cache.keysFor(source, "a")
    state.reply = { keys: [{ ...b, kid: "a" }] }
    wait(600)
    cache.forget(source)
    expect((await cache.keysFor(source, "a")).problem).toBeNull()
  })

  it("without any good set gives the refused one to explain with, and asks again after 5 s", async () => {
    const { state, cache, wait } = rig({ keys: [a, { ...b, kid: "a" }] })
    expect(await cache.keysFor(source, "a")).toMatchObject({ ageSeconds: null, set: { refused: expect.any(String) } })
    wait(4)
    await cache.keysFor(source, "a")
    expect(state.calls).toHaveLength(1)
    state.reply = { keys: [a] }
    wait(1)
    expect(await cache.keysFor(source, "a")).toMatchObject({ problem: null, set: { refused: null } })
  })

  it("forgets the source unused for longest beyond a thousand", async () => {
    const { state, cache } = rig({ keys: [a] })
    for (let n = 0; n <= 1000; n += 1) await cache.keysFor({ ...source, issuer: String(n) }, "a")
    await cache.keysFor({ ...source, issuer: "1000" }, "a")
    expect(state.calls).toHaveLength(1001)
    await cache.keysFor({ ...source, issuer: "0" }, "a")
    expect(state.calls).toHaveLength(1002)
  })
})

describe("over a real socket", () => {
  let server: Server | undefined
  afterEach(() => void server?.close())

  it("refuses a redirect and a reply above 1 MB, and takes a set", async () => {
    let seen = 0
    server = createServer((request, response) => {
      seen += 1
      if (request.url === "/moved") response.writeHead(302, { location: "/jwks" }).end()
      else if (request.url === "/huge") response.end(" ".repeat(1_100_000))
      else response.setHeader("content-type", "application/jwk-set+json").end(JSON.stringify({ keys: [a] }))
    })
    const listening = server.listen(0, "127.0.0.1")
    await new Promise((resolve) => listening.once("listening", resolve))
    const base = `http://127.0.0.1:${String((listening.address() as AddressInfo).port)}`
    const cache = keySetCache(guardedFetch({ allowHosts: ["127.0.0.1"] }), () => Date.now())
    expect(await cache.keysFor({ issuer: base, url: `${base}/moved` }, null)).toMatchObject({
      set: null,
      problem: expect.stringContaining("redirect"),
    })
    expect(await cache.keysFor({ issuer: base, url: `${base}/huge` }, null)).toMatchObject({
      set: null,
      problem: expect.stringContaining("longer"),
    })
    expect(await cache.keysFor({ issuer: base, url: `${base}/jwks` }, null)).toMatchObject({
      problem: null,
      set: { refused: null },
    })
    expect(seen).toBe(3)
  })
})
