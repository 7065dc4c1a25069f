import {
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
  type JSONWebKeySet,
} from "jose"
import { expect, test } from "vitest"
import { payments, protocolIdp, secret, stock } from "./protocol.fixture.ts"

const protocol = protocolIdp()
const { client, token, lastLine } = protocol

test("a granted scope gives an RFC 9068 token with exactly that scope, verifiable by the published keys", async () => {
  await client("exact", { [payments]: ["payments:read", "payments:write"] })
  const { status, body } = await token("exact", { resource: payments, scope: "payments:write" })
  expect(status).toBe(200)
  expect(body).toMatchObject({ scope: "payments:write", token_type: "Bearer", expires_in: 300 })
  const keys = JSON.parse((await protocol.idp().fetch(`${protocol.idp().settings.issuer}/jwks`)).text) as JSONWebKeySet
  const { payload, protectedHeader } = await jwtVerify(String(body.access_token), createLocalJWKSet(keys), {
    issuer: protocol.idp().settings.issuer,
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
  const good = await protocol.idp().form("/token", {
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
  await protocol.idp().admin("PATCH", `/clients/${id}`, { enabled: false })
  expect(await token("switch")).toMatchObject({ status: 401, body: { error: "invalid_client" } })
  expect(await lastLine()).toMatchObject({
    client_id: "switch",
    failure_reason: "invalid_client",
    extra: { error_detail: "client disabled" },
  })
  await protocol.idp().admin("PATCH", `/clients/${id}`, { enabled: true })
  expect((await token("switch")).status).toBe(200)
})

test("events name the secret that was used, live or retired, and never hold a secret or a token", async () => {
  const id = await client("rotating", { [payments]: ["payments:read"] })
  const second = await protocol.idp().admin("POST", `/clients/${id}/secrets`, {
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
  await protocol.idp().admin("DELETE", `/clients/${id}/secrets/${second.body.id}`)
  expect((await token("rotating", {}, "the-second-secret-2")).status).toBe(401)
  expect(await lastLine()).toMatchObject({
    secret_fingerprint: "fp_second",
    failure_reason: "invalid_client",
    extra: { secret_state: "retired" },
  })
  const all = JSON.stringify((await protocol.look().query("select line from outbox")).rows)
  for (const never of [secret, "the-second-secret-2", String(body.access_token)]) expect(all).not.toContain(never)
  const kept = JSON.stringify((await protocol.look().query("select * from client_secret")).rows)
  expect(kept).not.toContain(secret)
})

test("a secret's last use is kept", async () => {
  const id = await client("used", { [payments]: ["payments:read"] })
  const before = (await protocol.idp().admin("GET", `/clients/${id}/secrets`)).body.items as {
    last_used_at: string | null
  }[]
  await token("used")
  const after = (await protocol.idp().admin("GET", `/clients/${id}/secrets`)).body.items as {
    last_used_at: string | null
  }[]
  expect([before[0]?.last_used_at, typeof after[0]?.last_used_at]).toEqual([null, "string"])
})

test("private_key_jwt works with two keys at once, and an assertion works once, even when sent twice in the same moment", async () => {
  const pairs = await Promise.all([generateKeyPair("ES256"), generateKeyPair("ES256")])
  const keys = await Promise.all(pairs.map(async (pair, i) => ({ ...(await exportJWK(pair.publicKey)), kid: `k${i}` })))
  await protocol.idp().admin("POST", "/clients", { client_id: "keyed", auth_method: "private_key_jwt", jwks: { keys } })
  await protocol.idp().admin("POST", "/grants", { client_id: "keyed", audience: payments, scopes: ["payments:read"] })
  const ask = async (i: 0 | 1, jti: string) =>
    await protocol.idp().form("/token", {
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await new SignJWT({ jti })
        .setProtectedHeader({ alg: "ES256", kid: `k${i}` })
        .setIssuer("keyed")
        .setSubject("keyed")
        .setAudience(protocol.idp().settings.issuer)
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

test("each audience signs with its own algorithm; one never used before gets its key", async () => {
  for (const alg of ["PS256", "ES256", "EdDSA", "ES384", "RS512"]) {
    const audience = `https://${alg.toLowerCase()}.internal`
    await protocol
      .idp()
      .admin("POST", "/audiences", { identifier: audience, scopes: [{ name: "s" }], signing_alg: alg })
    await client(`c-${alg}`, { [audience]: ["s"] })
    const { body } = await token(`c-${alg}`)
    expect(decodeProtectedHeader(String(body.access_token)).alg).toBe(alg)
  }
})

test("signing keys rotate in three stages without a failing token; a wrong order is refused", async () => {
  await client("through", { [payments]: ["payments:read"] })
  const published = async () =>
    createLocalJWKSet(
      JSON.parse((await protocol.idp().fetch(`${protocol.idp().settings.issuer}/jwks`)).text) as JSONWebKeySet,
    )
  const kidOf = async () => decodeProtectedHeader(String((await token("through")).body.access_token)).kid
  const before = String((await token("through")).body.access_token)
  const oldKid = decodeProtectedHeader(before).kid
  const { kid } = (await protocol.idp().admin("POST", "/keys", { alg: "RS256" })).body
  expect(await kidOf()).toBe(oldKid)
  expect((await protocol.idp().admin("POST", `/keys/${oldKid}/retire`, {})).body.code).toBe("key_signs")
  expect((await protocol.idp().admin("POST", `/keys/${kid}/promote`)).status).toBe(200)
  expect(await kidOf()).toBe(kid)
  await jwtVerify(before, await published())
  expect(await protocol.idp().admin("POST", `/keys/${oldKid}/retire`, {})).toMatchObject({
    status: 409,
    body: { code: "key_in_use" },
  })
  expect((await protocol.idp().admin("POST", `/keys/${oldKid}/retire`, { force: true })).status).toBe(200)
  await expect(jwtVerify(before, await published())).rejects.toThrow("no applicable key")
  expect((await protocol.look().query("select sealed from signing_key where kid = $1", [oldKid])).rows).toEqual([
    { sealed: null },
  ])
})

test("text that Postgres refuses in a request makes a refusal with an event, not a failure of the server", async () => {
  expect(
    (
      await protocol
        .idp()
        .form("/token", { grant_type: "client_credentials", scope: "a\u0000b", resource: "\ud800" }, "nul\u0000:x")
    ).status,
  ).toBeLessThan(500)
  expect(
    (
      await protocol
        .idp()
        .form("/token", { grant_type: "client_credentials", client_id: "nul\u0000nul", client_secret: "x" })
    ).status,
  ).toBeLessThan(500)
})

test("the ingestion takes every line that was written here, with reasons of its own vocabulary", () =>
  protocol.everyLineIsTaken(28))
