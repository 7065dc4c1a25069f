import { afterAll, beforeAll, expect, test } from "vitest"
import type { GuardedFetch } from "../base/http.ts"
import { newId } from "../base/id.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { paced } from "./pace.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())

async function provider(): Promise<string> {
  const id = newId()
  const [issuer, tokenEndpoint, jwksUri] = ["https://a.example", "https://a.example/t", "https://a.example/k"]
  await db().provider.create({
    data: { id, kind: "simulator", name: id, environment: "test", issuer, tokenEndpoint, jwksUri, settings: {} },
  })
  return id
}

/** Answers as it is told, one after the other, then 200; keeps the time of each call. */
function server(...answers: [number, Record<string, string>][]): { fetch: GuardedFetch; calls: number[] } {
  const calls: number[] = []
  return {
    calls,
    fetch: async () => {
      calls.push(Date.now())
      const [status, headers] = answers.shift() ?? [200, {}]
      return { status, headers: new Headers(headers), text: "" }
    },
  }
}

test("after a Retry-After no process calls before it, whichever was told; afterwards all go on", async () => {
  const id = await provider()
  const told = server([429, { "retry-after": "1" }])
  const other = server()
  expect((await paced(id, told.fetch)("https://a.example")).status).toBe(429)
  const from = Date.now()
  await Promise.all([paced(id, other.fetch)("https://a.example"), paced(id, told.fetch)("https://a.example")])
  for (const at of [other.calls[0], told.calls[1]]) expect((at ?? 0) - from).toBeGreaterThan(900)
})

test("a long wait is told at once and without a call; a shorter one asked for later does not end it; another provider is free", async () => {
  const [id, free] = [await provider(), await provider()]
  const { fetch, calls } = server([503, { "retry-after": "120" }], [429, { "retry-after": "3" }])
  // Both are on their way before either is refused.
  const together = Promise.withResolvers<void>()
  const call = paced(id, async (url, init) => {
    const answer = await fetch(url, init)
    if (calls.length === 2) together.resolve()
    await together.promise
    return answer
  })
  await Promise.all([call("https://a.example"), call("https://a.example")])
  const error: unknown = await call("https://a.example").catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: "rate_limited", step: "wait" })
  const { retryAt } = error as { retryAt: Date }
  expect(Math.round((retryAt.getTime() - Date.now()) / 1_000)).toBeGreaterThan(110)
  expect(calls).toHaveLength(2)
  expect((await paced(free, fetch)("https://a.example")).status).toBe(200)
})

test("a refusal that names no time, and a success, ask for nothing", async () => {
  const id = await provider()
  const { fetch, calls } = server([429, {}], [503, {}], [200, { "retry-after": "60" }])
  for (let i = 0; i < 4; i++) await paced(id, fetch)("https://a.example")
  expect(calls).toHaveLength(4)
  expect((await db().provider.findUniqueOrThrow({ where: { id } })).retryAt).toBeNull()
})
