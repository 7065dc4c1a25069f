import { generateKeyPair, SignJWT } from "jose"
import { expect, test } from "vitest"
import { payments, protocolIdp, secret, stock } from "./protocol.fixture.ts"

const protocol = protocolIdp()
const { client, token, lastLine } = protocol

test("an opaque token has no dots, lives as long as its audience says, and is introspected by its audience's service only", async () => {
  await client("opaque", { [stock]: ["stock:read"] })
  await client("stock", {})
  await client("stranger", {})
  const { body } = await token("opaque")
  expect(body.expires_in).toBe(60)
  expect(String(body.access_token)).not.toContain(".")
  const seen = async (who: string) =>
    (await protocol.idp().form("/token/introspection", { token: String(body.access_token) }, `${who}:${secret}`)).body
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
  expect(JSON.stringify((await protocol.look().query("select * from artifact")).rows)).not.toContain(
    String(body.access_token),
  )
})

test("a grant of tokens:introspect on an audience lets its service introspect the tokens for it, and for no other", async () => {
  const records = "https://records.example"
  await protocol.idp().admin("POST", "/audiences", {
    identifier: records,
    token_format: "opaque",
    scopes: [{ name: "dataEventRecords" }, { name: "tokens:introspect" }],
  })
  await client("CC", { [records]: ["dataEventRecords"] })
  await client("resource_dataEventRecords", { [records]: ["tokens:introspect"] })
  await client("elsewhere", { [payments]: ["payments:read"] })
  const seen = async (of: string, by: string) =>
    (
      await protocol
        .idp()
        .form("/token/introspection", { token: String((await token(of)).body.access_token) }, `${by}:${secret}`)
    ).body.active
  expect(await seen("CC", "resource_dataEventRecords")).toBe(true)
  expect(await seen("elsewhere", "resource_dataEventRecords")).toBe(false)
  expect(await seen("CC", "elsewhere")).toBe(false)
})

test("a JWT is introspected and revoked by its own client; others cannot revoke it", async () => {
  await client("owner", { [payments]: ["payments:read"] })
  await client("thief", {})
  const jwt = String((await token("owner")).body.access_token)
  const active = async () =>
    (await protocol.idp().form("/token/introspection", { token: jwt }, `owner:${secret}`)).body.active
  await protocol.idp().form("/token/revocation", { token: jwt }, `thief:${secret}`)
  expect(await active()).toBe(true)
  expect((await protocol.idp().form("/token/revocation", { token: jwt }, `owner:${secret}`)).status).toBe(200)
  expect(await lastLine()).toMatchObject({ event: "token_revoked", client_id: "owner", audience: payments })
  expect(await active()).toBe(false)
  expect(await lastLine()).toMatchObject({ event: "token_validated", failure_reason: "revoked" })
  expect((await protocol.idp().form("/token/introspection", { token: jwt }, `owner:wrong-secret-here`)).status).toBe(
    401,
  )
})

test("a JWT with another signature or of an unknown key is not active, and the event says which", async () => {
  const { keys } = JSON.parse((await protocol.idp().fetch(`${protocol.idp().settings.issuer}/jwks`)).text) as {
    keys: { kid: string; alg: string }[]
  }
  const pair = await generateKeyPair("RS256")
  const forged = async (kid: string) =>
    await new SignJWT({ client_id: "owner", scope: "payments:write" })
      .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid })
      .setIssuer(protocol.idp().settings.issuer)
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
    const { body } = await protocol.idp().form("/token/introspection", { token: await forged(kid) }, `owner:${secret}`)
    expect(body).toEqual({ active: false })
    expect(await lastLine()).toMatchObject({ failure_reason: reason })
  }
})

test("the ingestion takes every line that was written here, with reasons of its own vocabulary", () =>
  protocol.everyLineIsTaken(10))
