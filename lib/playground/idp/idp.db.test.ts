import {
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
} from "jose"
import { afterAll, beforeAll, expect, test } from "vitest"
import { openPool, type Pool } from "../../db/pool.ts"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { isRejection, validateLine } from "../../events/validate.ts"
import { startTestIdp, type TestIdp } from "./testing.ts"

let database: TestDatabase
let idp: TestIdp
let look: Pool
beforeAll(async () => {
  database = await testDatabase()
  idp = await startTestIdp(database.url)
  look = openPool({ connectionString: database.url, name: "test", max: 2, searchPath: "local_idp" })
  await idp.admin("POST", "/audiences", {
    identifier: payments,
    scopes: [{ name: "payments:read" }, { name: "payments:write" }],
  })
  await idp.admin("POST", "/audiences", {
    identifier: stock,
    scopes: [{ name: "stock:read" }],
    token_format: "opaque",
    token_ttl_seconds: 60,
    introspectors: ["stock"],
  })
})
afterAll(async () => {
  await look.end()
  await idp.idp.close()
  await database.drop()
})

const payments = "https://payment-service.internal"
const stock = "https://stock.internal"
const secret = "a-secret-long-enough-1"

/** A client with its secret and grants. Answers its id at the provider. */
async function client(name: string, grants: Record<string, readonly string[]>, fields: object = {}): Promise<string> {
  const made = await idp.admin("POST", "/clients", { client_id: name, auth_method: "client_secret_basic", ...fields })
  for (const [audience, scopes] of Object.entries(grants))
    await idp.admin("POST", "/grants", { client_id: name, audience, scopes })
  const id = String(made.body.id)
  await idp.admin("POST", `/clients/${id}/secrets`, { value: secret, fingerprint: `fp_${name}` })
  return id
}
const token = (name: string, form: Record<string, string> = {}, value = secret) =>
  idp.form("/token", { grant_type: "client_credentials", ...form }, `${name}:${value}`)
const lastLine = async (): Promise<Record<string, unknown>> =>
  (await look.query<{ line: Record<string, unknown> }>("select line from outbox order by seq desc limit 1")).rows[0]
    ?.line ?? {}

test("a granted scope gives an RFC 9068 token with exactly that scope, verifiable by the published keys", async () => {
  await client("exact", { [payments]: ["payments:read", "payments:write"] })
  const { status, body } = await token("exact", { resource: payments, scope: "payments:write" })
  expect(status).toBe(200)
  expect(body).toMatchObject({ scope: "payments:write", token_type: "Bearer", expires_in: 300 })
  const keys = JSON.parse((await idp.fetch(`${idp.settings.issuer}/jwks`)).text) as JSONWebKeySet
  const { payload, protectedHeader } = await jwtVerify(String(body.access_token), createLocalJWKSet(keys), {
    issuer: idp.settings.issuer,
    audience: payments,
    typ: "at+jwt",
  })
  expect(protectedHeader.alg).toBe("RS256")
  expect(payload).toMatchObject({ sub: "exact", client_id: "exact", scope: "payments:write" })
  for (const claim of ["iat", "exp", "jti"]) expect(payload).toHaveProperty(claim)
})

test("no scope asked means all granted scopes of that audience, and no more", async () => {
  await client("absent", { [payments]: ["payments:read"] })
  expect((await token("absent")).body).toMatchObject({ scope: "payments:read" })
})

test.each([
  ["an ungranted scope", { resource: payments, scope: "payments:write" }, "invalid_scope"],
  ["an unknown scope", { resource: payments, scope: "nonsense" }, "invalid_scope"],
  ["a scope granted on another audience only", { resource: payments, scope: "stock:read" }, "invalid_scope"],
  ["an ungranted audience", { resource: "https://other.internal" }, "invalid_target"],
  ["no audience with several grants", { scope: "payments:read" }, "invalid_target"],
])("%s is refused as the RFC says, and the refusal is an event", async (name, form, error) => {
  const who = `refused-${error}-${name.replaceAll(" ", "-")}`
  await client(who, { [payments]: ["payments:read"], [stock]: ["stock:read"] })
  const answer = await token(who, form)
  expect(answer).toMatchObject({ status: 400, body: { error } })
  expect(await lastLine()).toMatchObject({
    event: "token_issued",
    client_id: who,
    validation_result: "failure",
    failure_reason: error,
    ip: "127.0.0.1",
  })
})

test("without an audience and with several grants the error names the parameter that is missing", async () => {
  await client("several", { [payments]: ["payments:read"], [stock]: ["stock:read"] })
  expect((await token("several")).body.error_description).toContain("resource")
})

test("client_secret_post works, a wrong secret does not, and neither tells more than invalid_client", async () => {
  await client("poster", { [payments]: ["payments:read"] }, { auth_method: "client_secret_post" })
  const good = await idp.form("/token", {
    grant_type: "client_credentials",
    client_id: "poster",
    client_secret: secret,
  })
  expect(good.status).toBe(200)
  const bad = await token("poster", {}, "a-wrong-secret-value")
  const nobody = await token("nobody-at-all", {}, "a-wrong-secret-value")
  expect(bad).toMatchObject({ status: 401, body: { error: "invalid_client" } })
  expect(nobody.body).toEqual(bad.body)
  expect(bad.headers.get("www-authenticate")).toContain("Basic")
})

test("a disabled client is refused at once, and the event says why; enabled again it works", async () => {
  const id = await client("switch", { [payments]: ["payments:read"] })
  await idp.admin("PATCH", `/clients/${id}`, { enabled: false })
  expect(await token("switch")).toMatchObject({ status: 401, body: { error: "invalid_client" } })
  expect(await lastLine()).toMatchObject({
    client_id: "switch",
    failure_reason: "invalid_client",
    extra: { error_detail: "client disabled" },
  })
  await idp.admin("PATCH", `/clients/${id}`, { enabled: true })
  expect((await token("switch")).status).toBe(200)
})

test("events name the secret that was used, live or retired, and never hold a secret or a token", async () => {
  const id = await client("rotating", { [payments]: ["payments:read"] })
  const second = await idp.admin("POST", `/clients/${id}/secrets`, {
    value: "the-second-secret-2",
    fingerprint: "fp_second",
  })
  await token("rotating", {}, "the-second-secret-2")
  expect(await lastLine()).toMatchObject({
    secret_fingerprint: "fp_second",
    extra: { secret_id: second.body.id },
    validation_result: "success",
  })
  const { body } = await token("rotating")
  expect(await lastLine()).toMatchObject({
    secret_fingerprint: "fp_rotating",
    kid: decodeProtectedHeader(String(body.access_token)).kid,
  })
  await idp.admin("DELETE", `/clients/${id}/secrets/${second.body.id}`)
  expect((await token("rotating", {}, "the-second-secret-2")).status).toBe(401)
  expect(await lastLine()).toMatchObject({
    secret_fingerprint: "fp_second",
    failure_reason: "invalid_client",
    extra: { secret_state: "retired" },
  })
  const all = JSON.stringify((await look.query("select line from outbox")).rows)
  for (const never of [secret, "the-second-secret-2", String(body.access_token)]) expect(all).not.toContain(never)
  const kept = JSON.stringify((await look.query("select * from client_secret")).rows)
  expect(kept).not.toContain(secret)
})

test("a secret's last use is kept", async () => {
  const id = await client("used", { [payments]: ["payments:read"] })
  const before = (await idp.admin("GET", `/clients/${id}/secrets`)).body.items as { last_used_at: string | null }[]
  await token("used")
  const after = (await idp.admin("GET", `/clients/${id}/secrets`)).body.items as { last_used_at: string | null }[]
  expect([before[0]?.last_used_at, typeof after[0]?.last_used_at]).toEqual([null, "string"])
})

test("private_key_jwt works with two keys at once, and an assertion works once, even when sent twice in the same moment", async () => {
  const pairs = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")])
  const keys = await Promise.all(pairs.map(async (pair, i) => ({ ...(await exportJWK(pair.publicKey)), kid: `k${i}` })))
  await idp.admin("POST", "/clients", { client_id: "keyed", auth_method: "private_key_jwt", jwks: { keys } })
  await idp.admin("POST", "/grants", { client_id: "keyed", audience: payments, scopes: ["payments:read"] })
  const ask = async (i: 0 | 1, jti: string) =>
    await idp.form("/token", {
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await new SignJWT({ jti })
        .setProtectedHeader({ alg: "ES256", kid: `k${i}` })
        .setIssuer("keyed")
        .setSubject("keyed")
        .setAudience(idp.settings.issuer)
        .setIssuedAt()
        .setExpirationTime("1m")
        .sign(pairs[i].privateKey),
    })
  expect((await ask(0, "a")).status).toBe(200)
  expect((await ask(1, "b")).status).toBe(200)
  expect(await lastLine()).toMatchObject({ extra: { assertion_kid: "k1" } })
  expect((await ask(0, "a")).status).toBe(401)
  const race = await Promise.all([ask(0, "c"), ask(0, "c"), ask(0, "c"), ask(0, "c")])
  expect(race.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([200, 401, 401, 401])
})

test("an opaque token has no dots, lives as long as its audience says, and is introspected by its audience's service only", async () => {
  await client("opaque", { [stock]: ["stock:read"] })
  await client("stock", {})
  await client("stranger", {})
  const { body } = await token("opaque")
  expect(body.expires_in).toBe(60)
  expect(String(body.access_token)).not.toContain(".")
  const seen = async (who: string) =>
    (await idp.form("/token/introspection", { token: String(body.access_token) }, `${who}:${secret}`)).body
  expect(await seen("stock")).toMatchObject({ active: true, client_id: "opaque", scope: "stock:read", aud: stock })
  expect(await lastLine()).toMatchObject({
    event: "token_validated",
    client_id: "opaque",
    audience: stock,
    validation_result: "success",
    extra: { introspected_by: "stock" },
  })
  expect(await seen("stranger")).toEqual({ active: false })
  expect(await lastLine()).toMatchObject({ validation_result: "failure", failure_reason: "wrong_audience" })
  expect(JSON.stringify((await look.query("select * from artifact")).rows)).not.toContain(String(body.access_token))
})

test("a grant of tokens:introspect on an audience lets its service introspect the tokens for it, and for no other", async () => {
  const records = "https://records.example"
  await idp.admin("POST", "/audiences", {
    identifier: records,
    token_format: "opaque",
    scopes: [{ name: "dataEventRecords" }, { name: "tokens:introspect" }],
  })
  await client("CC", { [records]: ["dataEventRecords"] })
  await client("resource_dataEventRecords", { [records]: ["tokens:introspect"] })
  await client("elsewhere", { [payments]: ["payments:read"] })
  const seen = async (of: string, by: string) =>
    (await idp.form("/token/introspection", { token: String((await token(of)).body.access_token) }, `${by}:${secret}`))
      .body.active
  expect(await seen("CC", "resource_dataEventRecords")).toBe(true)
  expect(await seen("elsewhere", "resource_dataEventRecords")).toBe(false)
  expect(await seen("CC", "elsewhere")).toBe(false)
})

test("a JWT is introspected and revoked by its own client; others cannot revoke it", async () => {
  await client("owner", { [payments]: ["payments:read"] })
  await client("thief", {})
  const jwt = String((await token("owner")).body.access_token)
  const active = async () => (await idp.form("/token/introspection", { token: jwt }, `owner:${secret}`)).body.active
  await idp.form("/token/revocation", { token: jwt }, `thief:${secret}`)
  expect(await active()).toBe(true)
  expect((await idp.form("/token/revocation", { token: jwt }, `owner:${secret}`)).status).toBe(200)
  expect(await lastLine()).toMatchObject({ event: "token_revoked", client_id: "owner", audience: payments })
  expect(await active()).toBe(false)
  expect(await lastLine()).toMatchObject({ event: "token_validated", failure_reason: "revoked" })
  expect((await idp.form("/token/introspection", { token: jwt }, `owner:wrong-secret-here`)).status).toBe(401)
})

test("a JWT with another signature or of an unknown key is not active, and the event says which", async () => {
  const { keys } = JSON.parse((await idp.fetch(`${idp.settings.issuer}/jwks`)).text) as {
    keys: { kid: string; alg: string }[]
  }
  const pair = await generateKeyPair("RS256")
  const forged = async (kid: string) =>
    await new SignJWT({ client_id: "owner", scope: "payments:write" })
      .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid })
      .setIssuer(idp.settings.issuer)
      .setAudience(payments)
      .setJti("x")
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(pair.privateKey)
  const known = keys.find((key) => key.alg === "RS256")?.kid ?? ""
  for (const [kid, reason] of [
    [known, "invalid_signature"],
    ["nope", "unknown_key"],
  ] as const) {
    const { body } = await idp.form("/token/introspection", { token: await forged(kid) }, `owner:${secret}`)
    expect(body).toEqual({ active: false })
    expect(await lastLine()).toMatchObject({ failure_reason: reason })
  }
})

test("each audience signs with its own algorithm; one never used before gets its key", async () => {
  for (const alg of ["PS256", "ES256", "EdDSA", "ES384", "RS512"]) {
    const audience = `https://${alg.toLowerCase()}.internal`
    await idp.admin("POST", "/audiences", { identifier: audience, scopes: [{ name: "s" }], signing_alg: alg })
    await client(`c-${alg}`, { [audience]: ["s"] })
    const { body } = await token(`c-${alg}`)
    expect(decodeProtectedHeader(String(body.access_token)).alg).toBe(alg)
  }
})

test("signing keys rotate in three stages without a failing token; a wrong order is refused", async () => {
  await client("through", { [payments]: ["payments:read"] })
  const published = async () =>
    createLocalJWKSet(JSON.parse((await idp.fetch(`${idp.settings.issuer}/jwks`)).text) as JSONWebKeySet)
  const kidOf = async () => decodeProtectedHeader(String((await token("through")).body.access_token)).kid
  const before = String((await token("through")).body.access_token)
  const oldKid = decodeProtectedHeader(before).kid
  const { kid } = (await idp.admin("POST", "/keys", { alg: "RS256" })).body
  expect(await kidOf()).toBe(oldKid)
  expect((await idp.admin("POST", `/keys/${oldKid}/retire`, {})).body.code).toBe("key_signs")
  expect((await idp.admin("POST", `/keys/${kid}/promote`)).status).toBe(200)
  expect(await kidOf()).toBe(kid)
  await jwtVerify(before, await published())
  expect(await idp.admin("POST", `/keys/${oldKid}/retire`, {})).toMatchObject({
    status: 409,
    body: { code: "key_in_use" },
  })
  expect((await idp.admin("POST", `/keys/${oldKid}/retire`, { force: true })).status).toBe(200)
  await expect(jwtVerify(before, await published())).rejects.toThrow("no applicable key")
  expect((await look.query("select sealed from signing_key where kid = $1", [oldKid])).rows).toEqual([{ sealed: null }])
})

test("registration needs an initial access token, and can never give itself a grant", async () => {
  const register = (body: object, bearer?: string) =>
    idp.fetch(`${idp.settings.issuer}/reg`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
      body: JSON.stringify(body),
    })
  expect([400, 401]).toContain((await register({ client_name: "x" })).status)
  expect((await register({ client_name: "x" }, "wrong")).status).toBe(401)
  const { value } = (await idp.admin("POST", "/initial-access-tokens", {})).body
  const made = await register(
    { client_name: "Registered", grants: [payments], audience: payments, scope: "payments:write", marker: "grantry:x" },
    String(value),
  )
  expect(made.status).toBe(201)
  const registered = JSON.parse(made.text) as {
    client_id: string
    client_secret: string
    registration_access_token: string
    registration_client_uri: string
  }
  expect((await token(registered.client_id, { resource: payments }, registered.client_secret)).body.error).toBe(
    "invalid_target",
  )
  const headers = {
    authorization: `Bearer ${registered.registration_access_token}`,
    "content-type": "application/json",
  }
  const read = await idp.fetch(registered.registration_client_uri, { headers })
  expect(read.status).toBe(200)
  expect(JSON.parse(read.text)).not.toHaveProperty("client_secret")
  await idp.admin("POST", "/grants", { client_id: registered.client_id, audience: payments, scopes: ["payments:read"] })
  const put = await idp.fetch(registered.registration_client_uri, {
    method: "PUT",
    headers,
    body: JSON.stringify({ client_id: registered.client_id, client_name: "Renamed", grants: [stock] }),
  })
  expect(put.status).toBe(200)
  // The update neither took the grant away nor changed the secret, and its own token has moved on.
  expect((await token(registered.client_id, {}, registered.client_secret)).body).toMatchObject({
    scope: "payments:read",
  })
  expect((await idp.fetch(registered.registration_client_uri, { headers })).status).toBe(401)
  const rotated = (JSON.parse(put.text) as { registration_access_token: string }).registration_access_token
  expect(
    (
      await idp.fetch(registered.registration_client_uri, {
        method: "DELETE",
        headers: { authorization: `Bearer ${rotated}` },
      })
    ).status,
  ).toBe(204)
  expect((await token(registered.client_id, {}, registered.client_secret)).status).toBe(401)
})

test("discovery names the configured issuer whatever the Host header says, and offers no sign-in of people", async () => {
  const told = JSON.parse(
    (
      await idp.fetch(`${idp.settings.issuer}/.well-known/oauth-authorization-server`, {
        headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
      })
    ).text,
  ) as Record<string, unknown>
  expect(told).toMatchObject({
    issuer: idp.settings.issuer,
    token_endpoint: `${idp.settings.issuer}/token`,
    grant_types_supported: ["client_credentials"],
  })
  expect(told).not.toHaveProperty("authorization_endpoint")
  expect((await idp.fetch(`${idp.settings.issuer}/auth`)).status).toBe(404)
})

test("text that Postgres refuses in a request makes a refusal with an event, not a failure of the server", async () => {
  expect(
    (
      await idp.form(
        "/token",
        { grant_type: "client_credentials", scope: "a\u0000b", resource: "\ud800" },
        "nul\u0000:x",
      )
    ).status,
  ).toBeLessThan(500)
  expect(
    (await idp.form("/token", { grant_type: "client_credentials", client_id: "nul\u0000nul", client_secret: "x" }))
      .status,
  ).toBeLessThan(500)
})

test("the ingestion takes every line that was written here, with reasons of its own vocabulary", async () => {
  const { rows } = await look.query<{ line: Record<string, unknown> }>("select line from outbox")
  expect(rows.length).toBeGreaterThan(40)
  const window = { nowMs: Date.now(), oldestMs: Date.now() - 86_400_000 }
  for (const { line } of rows) {
    const judged = validateLine(JSON.stringify(line), window)
    if (isRejection(judged)) throw new Error(`${judged.code}: ${JSON.stringify(line)}`)
    expect(judged.reason, JSON.stringify(line)).not.toBe("other")
    expect(judged.secret).toBe(line.secret_fingerprint ?? null)
    expect(judged.givenId).toBe(line.event_id)
  }
})
