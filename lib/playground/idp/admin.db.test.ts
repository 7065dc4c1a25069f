import { afterAll, beforeAll, expect, test } from "vitest"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { adminRoutes } from "./admin.ts"
import { readToken } from "./settings.ts"
import { startTestIdp, type TestIdp } from "./testing.ts"

let database: TestDatabase
let idp: TestIdp
beforeAll(async () => {
  database = await testDatabase()
  idp = await startTestIdp(database.url)
})
afterAll(async () => {
  await idp.idp.close()
  await database.drop()
})

const audience = "https://api.internal"
const nobody = "01980000-0000-7000-8000-000000000000"

/** A path of the right shape for a route, with ids of nobody. */
const example = (path: RegExp): string =>
  path.source
    .replace(/^\^|\$$/g, "")
    .replaceAll("\\/", "/")
    .replaceAll("([^/]+)", nobody)
    .replace("/admin", "")

test.each(adminRoutes.map((route) => [route.method, example(route.path), route.writes] as const))(
  "%s %s asks for a token, and the read-only token never writes",
  async (method, path, writes) => {
    for (const authorization of [
      "",
      "Bearer",
      "Bearer wrong",
      `Basic ${idp.settings.admin_token}`,
      `Bearer ${idp.settings.admin_token}x`,
    ]) {
      expect((await idp.admin(method, path, undefined, { authorization })).status).toBe(401)
    }
    const reader = await idp.admin(method, path, undefined, {
      authorization: `Bearer ${readToken(idp.settings.admin_token)}`,
    })
    if (writes) expect(reader).toMatchObject({ status: 403, body: { code: "forbidden" } })
    else expect([200, 404, 422]).toContain(reader.status)
  },
)

test("a stale If-Match changes nothing and tells the present revision", async () => {
  const { body } = await idp.admin("POST", "/clients", { client_id: "two-editors", auth_method: "client_secret_basic" })
  const path = `/clients/${String(body.id)}`
  expect((await idp.admin("PATCH", path, { owner: "first" }, { "if-match": '"1"' })).body).toMatchObject({
    owner: "first",
    revision: 2,
  })
  expect(await idp.admin("PATCH", path, { owner: "second" }, { "if-match": '"1"' })).toMatchObject({
    status: 412,
    body: { code: "stale" },
  })
  expect((await idp.admin("DELETE", path, undefined, { "if-match": '"1"' })).status).toBe(412)
  expect((await idp.admin("GET", path)).body).toMatchObject({ owner: "first", revision: 2 })
})

test("what does not exist is 404, what is taken or hangs together is 409, what is unusable is 422 with its field", async () => {
  await idp.admin("POST", "/audiences", { identifier: audience, scopes: [{ name: "read" }] })
  const client = await idp.admin("POST", "/clients", { client_id: "hung", auth_method: "client_secret_basic" })
  const id = String(client.body.id)
  expect((await idp.admin("POST", "/grants", { client_id: "hung", audience, scopes: ["read"] })).status).toBe(201)
  expect(await idp.admin("GET", "/clients/not-an-id")).toMatchObject({ status: 404 })
  expect(await idp.admin("PATCH", `/grants/${nobody}`, {})).toMatchObject({ status: 404, body: { code: "not_found" } })
  expect(await idp.admin("POST", "/clients", { client_id: "hung", auth_method: "client_secret_basic" })).toMatchObject({
    status: 409,
    body: { code: "client_id_taken" },
  })
  expect(await idp.admin("POST", "/audiences", { identifier: audience })).toMatchObject({
    status: 409,
    body: { code: "identifier_taken" },
  })
  expect(await idp.admin("POST", "/grants", { client_id: "hung", audience, scopes: [] })).toMatchObject({
    status: 409,
    body: { code: "grant_exists" },
  })
  expect(await idp.admin("DELETE", `/clients/${id}`)).toMatchObject({ status: 409, body: { code: "has_grants" } })
  expect(await idp.admin("POST", "/grants", { client_id: "nobody", audience, scopes: [] })).toMatchObject({
    status: 422,
    body: { errors: [{ path: "client_id", code: "unknown_client" }] },
  })
  expect(await idp.admin("POST", "/clients", { client_id: "x", auth_method: "none", token_ttl: 3 })).toMatchObject({
    status: 422,
    body: { code: "invalid" },
  })
  expect((await idp.admin("PATCH", `/clients/${id}`, { auth_method: "private_key_jwt" })).body.errors).toMatchObject([
    { path: "jwks" },
  ])
  expect((await idp.admin("PUT", "/clients", {})).body.code).toBe("method_not_allowed")
})

test("a body that is no JSON, of another type or too long is told apart", async () => {
  const send = async (body: string, type: string) =>
    (
      await idp.fetch(`${idp.settings.issuer}/admin/clients`, {
        method: "POST",
        body,
        headers: { authorization: `Bearer ${idp.settings.admin_token}`, "content-type": type },
      })
    ).status
  expect(await send("{", "application/json")).toBe(422)
  expect(await send("{}", "text/plain")).toBe(415)
  expect(await send(JSON.stringify({ client_id: "x".repeat(300_000) }), "application/json")).toBe(413)
})

test("a scope that leaves its audience is issued no more, although the grant still names it", async () => {
  const made = await idp.admin("POST", "/audiences", {
    identifier: "https://shrinking.internal",
    scopes: [{ name: "keep" }, { name: "drop" }],
  })
  const client = await idp.admin("POST", "/clients", { client_id: "narrowed", auth_method: "client_secret_basic" })
  await idp.admin("POST", "/grants", {
    client_id: "narrowed",
    audience: "https://shrinking.internal",
    scopes: ["drop", "keep"],
  })
  await idp.admin("POST", `/clients/${String(client.body.id)}/secrets`, { value: "narrowed-secret-value" })
  await idp.admin("PATCH", `/audiences/${String(made.body.id)}`, { scopes: [{ name: "keep" }] })
  const ask = async (form: object) =>
    (await idp.form("/token", { grant_type: "client_credentials", ...form }, "narrowed:narrowed-secret-value")).body
  expect(await ask({})).toMatchObject({ scope: "keep" })
  expect(await ask({ scope: "drop" })).toMatchObject({ error: "invalid_scope" })
})

test("an eleventh live secret is refused; a marker cannot name two values; the provider's own value is told once", async () => {
  const { body } = await idp.admin("POST", "/clients", { client_id: "hoarder", auth_method: "client_secret_basic" })
  const path = `/clients/${String(body.id)}/secrets`
  const first = await idp.admin("POST", path, { marker: "m1" })
  expect(first.body.value).toMatch(/^[A-Za-z0-9_-]{43}$/)
  expect(await idp.admin("POST", path, { marker: "m1", value: "another-value-at-all" })).toMatchObject({
    status: 409,
    body: { code: "secret_in_use" },
  })
  expect(JSON.stringify((await idp.admin("GET", path)).body)).not.toContain(String(first.body.value))
  for (let i = 2; i <= 10; i++) expect((await idp.admin("POST", path, {})).status).toBe(201)
  expect(await idp.admin("POST", path, {})).toMatchObject({ status: 409, body: { code: "too_many_secrets" } })
})

test("every admin change stands in the changes, with who, what, before and after, and without values of secrets", async () => {
  const { body } = await idp.admin(
    "POST",
    "/clients",
    { client_id: "traced", auth_method: "client_secret_basic" },
    { "grantry-actor": "plan 7" },
  )
  await idp.admin("PATCH", `/clients/${String(body.id)}`, { enabled: false })
  await idp.admin("PATCH", `/clients/${String(body.id)}`, { enabled: false })
  await idp.admin("POST", `/clients/${String(body.id)}/secrets`, {
    value: "traced-secret-value-1",
    fingerprint: "fp_traced",
  })
  const all = (await idp.admin("GET", "/changes?limit=1000")).body.items as {
    actor: string
    verb: string
    key: string
    fields: unknown[]
  }[]
  const mine = all.filter((change) => change.key === "traced")
  expect(mine.map((change) => change.verb)).toEqual(["create", "update", "issue"])
  expect(mine[0]?.actor).toBe("write token for plan 7")
  expect(mine[1]?.fields).toEqual([{ field: "enabled", from: true, to: false }])
  expect(JSON.stringify(all)).not.toContain("traced-secret-value-1")
})

test("paging through the state with pages of one shows each object once, audiences before clients before grants", async () => {
  const seen: { kind: string; id: string }[] = []
  let cursor: string | null = ""
  while (cursor !== null) {
    const { body }: { body: Record<string, unknown> } = await idp.admin(
      "GET",
      `/state?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`,
    )
    seen.push(...(body.items as { kind: string; id: string }[]))
    cursor = body.next as string | null
  }
  const whole = (await idp.admin("GET", "/state?limit=1000")).body.items as { kind: string; id: string }[]
  expect(seen.map((one) => one.id)).toEqual(whole.map((one) => one.id))
  expect([...new Set(seen.map((one) => one.kind))]).toEqual(["audience", "client", "grant"])
  expect((await idp.admin("GET", "/state?cursor=nonsense")).status).toBe(422)
})

test("the admin API's own introspection knows every token, and says why one is not active", async () => {
  const { body } = await idp.form("/token", { grant_type: "client_credentials" }, "narrowed:narrowed-secret-value")
  const ask = async (token: unknown) =>
    (
      await idp.admin(
        "POST",
        "/introspect",
        { token },
        { authorization: `Bearer ${readToken(idp.settings.admin_token)}` },
      )
    ).body
  expect(await ask(body.access_token)).toMatchObject({
    active: true,
    client_id: "narrowed",
    aud: "https://shrinking.internal",
  })
  expect(await ask("an-opaque-token-of-nobody")).toEqual({ active: false, why: "unknown" })
  expect(await ask("a.b.c")).toEqual({ active: false, why: "malformed" })
})
