import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test, vi } from "vitest"
import { ensureApiToken } from "../../lib/auth/api-tokens.ts"
import { systemActor } from "../../lib/auth/system.ts"
import { newId } from "../../lib/base/id.ts"
import { log } from "../../lib/base/log.ts"
import { db } from "../../lib/db/client.ts"
import { eventPool } from "../../lib/db/ingest.ts"
import { startTestIdp, type TestIdp } from "../../lib/playground/idp/testing.ts"
import { createProvider } from "../../lib/providers/commands.ts"
import { probeProvider } from "../../lib/providers/probe.ts"
import { person } from "../../lib/registry/registry.fixture.ts"
import { ask, granted, rootToken, startEdge } from "./edge.fixture.ts"
import { POST as fetchToken } from "./v1/tokens/fetch/route.ts"
import { POST as introspect } from "./v1/tokens/introspect/route.ts"

const audience = "https://payment-service.internal"
const secret = `s:+%${randomBytes(18).toString("base64url")}`
const narrowToken = `gty_${"n".repeat(40)}`
let edge: Awaited<ReturnType<typeof startEdge>>
let idp: TestIdp
let providerId = ""
const logged: string[] = []

beforeAll(async () => {
  edge = await startEdge()
  idp = await startTestIdp(edge.database.url)
  const { issuer, admin_token } = idp.settings
  const provider = await createProvider(person("admin"), {
    kind: "local",
    name: "Local",
    environment: "test",
    settings: { issuer, admin_token },
  })
  providerId = provider.id
  await probeProvider(providerId)
  await granted(providerId, "order-service", audience, ["payments:write"])
  await ensureApiToken(systemActor("test"), narrowToken, "narrow", ["events:read"], null)
  const put = async (path: string, body: unknown) => {
    const answer = await idp.admin("POST", path, body)
    if (answer.status > 299) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return String(answer.body["id"])
  }
  const id = await put("/clients", { client_id: "order-service", auth_method: "client_secret_basic" })
  await put("/audiences", { identifier: audience, scopes: [{ name: "payments:write" }] })
  await put("/grants", { client_id: "order-service", audience, scopes: ["payments:write"] })
  await put(`/clients/${id}/secrets`, { value: secret, fingerprint: "fp_1" })
  for (const level of ["trace", "debug", "info", "warn", "error", "fatal"] as const)
    vi.spyOn(log, level).mockImplementation((...args: unknown[]) => void logged.push(JSON.stringify(args)))
})
afterAll(async () => {
  vi.restoreAllMocks()
  await idp.idp.close()
  await edge.stop()
})

/** Every text of every table of Grantry itself: what the server knows of its own tokens is not ours. */
async function stored(): Promise<string> {
  const { rows } = await eventPool().query<{ name: string }>(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public'",
  )
  const texts = await Promise.all(
    rows.map(
      async ({ name }) => (await eventPool().query<{ t: string }>(`select t::text as t from ${name} as t`)).rows,
    ),
  )
  return texts
    .flat()
    .map(({ t }) => t)
    .join("\n")
}
const request = (more: object = {}) => ({
  client: "order-service",
  provider_id: providerId,
  audience,
  scopes: ["payments:write"],
  client_secret: secret,
  ...more,
})
const fetchWith = (more: object = {}, token = rootToken) =>
  ask(fetchToken, "/api/v1/tokens/fetch", { token, body: request(more) })
const introspectWith = (body: object, token = rootToken) =>
  ask(introspect, "/api/v1/tokens/introspect", { token, body })

test("a test fetch answers a real token, which stands in no table and no log, and the trail says who asked", async () => {
  const answer = await fetchWith()
  expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ ok: true, error: null })])
  const token = String(answer.body["access_token"])
  expect(token.split(".")).toHaveLength(3)
  expect(answer.headers.get("cache-control")).toContain("no-store")
  const all = await stored()
  for (const hidden of [token, token.split(".")[2] ?? "-", secret]) {
    expect(all).not.toContain(hidden)
    expect(logged.join("\n")).not.toContain(hidden)
  }
  const [entry] = await db().trailEntry.findMany({ where: { action: "token.fetch" } })
  expect(entry).toMatchObject({ actorName: "root", targetName: "order-service" })
})

test("a refusal is told in the server's words, and repeats no secret", async () => {
  const wrong = await fetchWith({ client_secret: "not-the-secret-of-it" })
  expect([wrong.status, wrong.body]).toEqual([
    200,
    expect.objectContaining({ ok: false, error: "invalid_client", access_token: null }),
  ])
  expect(wrong.text).not.toContain("not-the-secret-of-it")
  expect((await fetchWith({ scopes: ["payments:read"] })).body).toMatchObject({ ok: false, error: "invalid_scope" })
  expect((await fetchWith({ audience: "https://other.internal" })).body).toMatchObject({ error: "invalid_target" })
})

test.each<[string, object, number, string]>([
  ["unknown provider", { provider_id: "0190a000-0000-7000-8000-000000000000" }, 404, "not_found"],
  ["unknown client", { client: "nobody" }, 404, "not_found"],
  ["no secret given and none held", { client_secret: undefined }, 409, "secret_not_held"],
  ["no client", { client: "" }, 422, "invalid"],
])("a fetch with %s is refused", async (_name, more, status, code) => {
  const answer = await fetchWith(more)
  expect([answer.status, answer.body["code"]]).toEqual([status, code])
})

test("fetch and introspection need their permissions", async () => {
  expect((await fetchWith({}, narrowToken)).body).toMatchObject({ status: 403, permission: "tokens:fetch" })
  expect((await introspectWith({ token: "x" }, narrowToken)).body).toMatchObject({
    status: 403,
    permission: "tokens:inspect",
  })
  expect((await ask(fetchToken, "/api/v1/tokens/fetch", { body: request() })).status).toBe(401)
})

test("introspection tells of a live token, asked as Grantry or as a client, and of a dead one", async () => {
  const token = String((await fetchWith()).body["access_token"])
  const asGrantry = await introspectWith({ token })
  expect(asGrantry.body).toMatchObject({ active: true, asked_as: "Grantry", provider: { id: providerId } })
  expect(asGrantry.body["claims"]).toMatchObject({ client_id: "order-service", scope: "payments:write" })
  const asClient = await introspectWith({ token, client_id: "order-service", client_secret: secret })
  expect([asClient.status, asClient.body["asked_as"]]).toEqual([200, "order-service"])
  expect((await introspectWith({ token: "unknown-token", provider_id: providerId })).body).toMatchObject({
    active: false,
  })
  const all = `${await stored()}\n${logged.join("\n")}`
  for (const hidden of [token, token.split(".")[2] ?? "-", secret]) expect(all).not.toContain(hidden)
})

test("introspection is refused for an unknown provider, an unnamed one, half a credential and a wrong one", async () => {
  const unknown = await introspectWith({ token: "x", provider_id: newId() })
  expect([unknown.status, unknown.body["code"]]).toEqual([404, "not_found"])
  const unnamed = await introspectWith({ token: "opaque" })
  expect(unnamed.body).toMatchObject({ status: 422, errors: [{ path: "provider_id", code: "needed" }] })
  expect((await introspectWith({ token: "x", provider_id: providerId, client_id: "a" })).status).toBe(422)
  const wrong = await introspectWith({
    token: "x",
    provider_id: providerId,
    client_id: "order-service",
    client_secret: "not-the-secret-of-it",
  })
  expect([wrong.status, wrong.body["code"]]).toEqual([409, "provider_auth_failed"])
  expect(wrong.text).not.toContain("not-the-secret-of-it")
})

test("a test fetch is marked as one in its event and is no use of the secret by a service", async () => {
  const lines = async () =>
    (
      await eventPool().query<{ line: { extra?: { purpose?: string }; client_id?: string; event?: string } }>(
        "select line from local_idp.outbox order by seq",
      )
    ).rows.map((row) => row.line)
  const before = (await lines()).length
  const used = async () =>
    (
      await eventPool().query<{ at: Date | null }>(
        "select last_used_at as at from local_idp.client_secret where fingerprint = 'fp_1'",
      )
    ).rows[0]?.at ?? null
  await fetchWith()
  expect((await lines())[before]).toMatchObject({ event: "token_issued", extra: { purpose: "test_fetch" } })
  expect(await used()).toBeNull()
  await idp.form(
    "/token",
    { grant_type: "client_credentials", resource: audience },
    `order-service:${encodeURIComponent(secret)}`,
  )
  expect((await lines())[before + 1]?.extra?.purpose).toBeUndefined()
  expect(await used()).toBeInstanceOf(Date)
})
