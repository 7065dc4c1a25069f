import { expect, it } from "vitest"
import type { Fetch } from "./call.ts"
import { discover, wellKnownUrls } from "./discovery.ts"

const serving =
  (answers: Record<string, () => Response>): Fetch =>
  async (url) => {
    await Promise.resolve()
    return answers[url]?.() ?? new Response("", { status: 404 })
  }

it("knows both places of an issuer with a path", () => {
  expect(wellKnownUrls("https://idp.example/realms/a")).toEqual([
    "https://idp.example/realms/a/.well-known/openid-configuration",
    "https://idp.example/.well-known/oauth-authorization-server/realms/a",
  ])
})

it("falls back to the RFC 8414 place", async () => {
  const issuer = "https://idp.example/tenant"
  const fetch = serving({
    "https://idp.example/.well-known/oauth-authorization-server/tenant": () =>
      Response.json({ issuer, token_endpoint: "https://idp.example/t" }),
  })
  expect(await discover(issuer, { fetch })).toMatchObject({
    issuer,
    tokenEndpoint: "https://idp.example/t",
    jwksUri: undefined,
  })
})

it.each(["https://idp.example/", "https://IDP.example", "http://idp.example", "https://evil.example"])(
  "refuses metadata of %s for another issuer",
  async (found) => {
    const fetch = serving({
      "https://idp.example/.well-known/openid-configuration": () => Response.json({ issuer: found }),
    })
    await expect(discover("https://idp.example", { fetch })).rejects.toMatchObject({
      code: "discovery_issuer_mismatch",
    })
  },
)

it("says which addresses it tried when there is no metadata, and does not follow a redirect", async () => {
  const redirecting = serving({
    "https://idp.example/.well-known/openid-configuration": () =>
      new Response("", { status: 302, headers: { location: "http://10.0.0.1" } }),
  })
  await expect(discover("https://idp.example", { fetch: redirecting })).rejects.toMatchObject({
    code: "discovery_failed",
    transient: false,
    evidence: { tried: [{ status: 302 }, { status: 404 }] },
  })
})

it.each(["idp.example", "ftp://idp.example", ""])(
  "an issuer that is no http(s) URL is a configuration error: %j",
  async (issuer) => {
    await expect(discover(issuer)).rejects.toMatchObject({ code: "bad_configuration" })
  },
)

it("does not read an endless answer", async () => {
  const endless = () =>
    new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }))
  const fetch = serving({ "https://idp.example/.well-known/openid-configuration": endless })
  await expect(discover("https://idp.example", { fetch })).rejects.toMatchObject({ code: "bad_answer" })
})
