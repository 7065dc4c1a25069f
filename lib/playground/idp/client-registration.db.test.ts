import { expect, test } from "vitest"
import { payments, protocolIdp, stock } from "./protocol.fixture.ts"

const protocol = protocolIdp()
const { token } = protocol

test("registration needs an initial access token, and can never give itself a grant", async () => {
  const register = (body: object, bearer?: string) =>
    protocol.idp().fetch(`${protocol.idp().settings.issuer}/reg`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
      body: JSON.stringify(body),
    })
  expect([400, 401]).toContain((await register({ client_name: "x" })).status)
  expect((await register({ client_name: "x" }, "wrong")).status).toBe(401)
  const { value } = (await protocol.idp().admin("POST", "/initial-access-tokens", {})).body
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
  const read = await protocol.idp().fetch(registered.registration_client_uri, { headers })
  expect(read.status).toBe(200)
  expect(JSON.parse(read.text)).not.toHaveProperty("client_secret")
  await protocol
    .idp()
    .admin("POST", "/grants", { client_id: registered.client_id, audience: payments, scopes: ["payments:read"] })
  const put = await protocol.idp().fetch(registered.registration_client_uri, {
    method: "PUT",
    headers,
    body: JSON.stringify({ client_id: registered.client_id, client_name: "Renamed", grants: [stock] }),
  })
  expect(put.status).toBe(200)
  // The update neither took the grant away nor changed the secret, and its own token has moved on.
  expect((await token(registered.client_id, {}, registered.client_secret)).body).toMatchObject({
    scope: "payments:read",
  })
  expect((await protocol.idp().fetch(registered.registration_client_uri, { headers })).status).toBe(401)
  const rotated = (JSON.parse(put.text) as { registration_access_token: string }).registration_access_token
  expect(
    (
      await protocol.idp().fetch(registered.registration_client_uri, {
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
      await protocol.idp().fetch(`${protocol.idp().settings.issuer}/.well-known/oauth-authorization-server`, {
        headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" },
      })
    ).text,
  ) as Record<string, unknown>
  expect(told).toMatchObject({
    issuer: protocol.idp().settings.issuer,
    token_endpoint: `${protocol.idp().settings.issuer}/token`,
    grant_types_supported: ["client_credentials"],
  })
  expect(told).not.toHaveProperty("authorization_endpoint")
  expect((await protocol.idp().fetch(`${protocol.idp().settings.issuer}/auth`)).status).toBe(404)
})

test("the ingestion takes every line that was written here, with reasons of its own vocabulary", () =>
  protocol.everyLineIsTaken(2))
