import { expect, test } from "vitest"
import { z } from "zod"
import type { GuardedFetch } from "../base/http.ts"
import { call, type Call } from "./call.ts"
import { ConnectorError } from "./connector-error.ts"

type Init = NonNullable<Parameters<GuardedFetch>[1]>
const answering =
  (status: number, text: string, seen: { init?: Init } = {}): GuardedFetch =>
  async (_url, init) => {
    if (init) seen.init = init
    return { status, headers: new Headers(), text }
  }
const client = { id: "https://api.x", secret: "a:+% é" }
const ask: Call = {
  step: "introspect",
  kind: "read",
  method: "POST",
  url: "https://idp.example/introspect",
  form: { fields: { token: "a b&c=d", hint: "é" }, client },
}

test("a form call encodes its fields, and each credential before both are joined (RFC 6749 section 2.3.1)", async () => {
  const seen: { init?: Init } = {}
  await call(answering(200, '{"active":true}', seen), ask, z.object({ active: z.boolean() }))
  expect(seen.init?.body).toBe("token=a+b%26c%3Dd&hint=%C3%A9")
  expect(seen.init?.headers).toMatchObject({
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  })
  const [scheme, encoded] = (seen.init?.headers?.authorization ?? "").split(" ")
  expect(scheme).toBe("Basic")
  expect(Buffer.from(encoded ?? "", "base64").toString("latin1")).toBe("https%3A%2F%2Fapi.x:a%3A%2B%25+%C3%A9")
})

test("a form without a client sends no Authorization; a JSON call and a bare call stay what they were", async () => {
  const seen: { init?: Init } = {}
  await call(answering(200, "", seen), { ...ask, form: { fields: { a: "1" } } }, null)
  expect(seen.init).toMatchObject({ body: "a=1" })
  expect(seen.init?.headers).not.toHaveProperty("authorization")
  const { form: _form, ...bare } = ask
  await call(answering(200, "", seen), { ...bare, json: { a: 1 } }, null)
  expect(seen.init).toMatchObject({ body: '{"a":1}', headers: { "content-type": "application/json" } })
  await call(answering(200, "", seen), bare, null)
  expect(seen.init).not.toHaveProperty("body")
  expect(seen.init?.headers).toEqual({ accept: "application/json" })
})

test.each([
  ["", "write", null],
  [" \n", "write", null],
  ['{"any":1}', "write", null],
  ["<!doctype html><title>Sign in</title>", "write", "unknown"],
  ['{"half":', "write", "unknown"],
  ["<!doctype html>", "create", "lost_answer"],
] as const)("a yes of which nothing is read is %j to a %s: %s", async (text, kind, code) => {
  const answered = call(answering(200, text), { ...ask, kind }, null)
  if (code === null) expect(await answered).toBeNull()
  else await expect(answered).rejects.toMatchObject({ code, httpStatus: 200 })
})

test("a refusal repeats neither the secret nor any encoding of it, whatever the provider echoes", async () => {
  const basic = Buffer.from("https%3A%2F%2Fapi.x:a%3A%2B%25+%C3%A9").toString("base64")
  const echo = JSON.stringify({ error: "bad", said: [client.secret, "a%3A%2B%25+%C3%A9", basic] })
  const refused = await call(answering(400, echo), ask, null).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ConnectorError)
  const shown = JSON.stringify(refused) + String(refused instanceof ConnectorError ? refused.excerpt : "")
  expect(shown).toContain("[redacted]")
  for (const spelled of [client.secret, "a%3A%2B%25", basic]) expect(shown).not.toContain(spelled)
})

test.each([
  ["seconds", { "retry-after": "7" }, "2026-11-21T00:00:07.000Z"],
  ["the reset of a token bucket", { "x-ratelimit-reset": "1795219230" }, "2026-11-21T00:00:30.000Z"],
  ["the later of both", { "retry-after": "7", "x-rate-limit-reset": "1795219230" }, "2026-11-21T00:00:30.000Z"],
  ["never more than an hour", { "x-ratelimit-reset": "1895219230" }, "2026-11-21T01:00:00.000Z"],
] as const)("after a 429 it says when to come back: %s", async (_name, headers, expected) => {
  const now = () => new Date("2026-11-21T00:00:00Z")
  const busy: GuardedFetch = async () => ({ status: 429, headers: new Headers(headers), text: "" })
  const refused = await call(busy, { ...ask, now }, null).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: "rate_limited", retryAt: new Date(expected) })
})
