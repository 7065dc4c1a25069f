import { expect, it } from "vitest"
import { providerConfig, type ProviderSettings, type TokenRequest } from "./provider-config.ts"

const audience = "https://payments.example"
const table: [string, ProviderSettings, TokenRequest, string, Record<string, string>][] = [
  [
    "keycloak",
    { baseUrl: "https://kc.example/", realm: "prod" },
    { scope: "a b", audience },
    "https://kc.example/realms/prod/protocol/openid-connect/token",
    { scope: "a b" },
  ],
  [
    "auth0",
    { domain: "acme.eu.auth0.com" },
    { scope: ["a"], audience },
    "https://acme.eu.auth0.com/oauth/token",
    { scope: "a", audience },
  ],
  [
    "azure-ad",
    { tenant: "t1" },
    { scope: "ignored", audience },
    "https://login.microsoftonline.com/t1/oauth2/v2.0/token",
    { scope: `${audience}/.default` },
  ],
  [
    "azure-ad",
    { tenant: "t1" },
    { audience: `${audience}/.default` },
    "https://login.microsoftonline.com/t1/oauth2/v2.0/token",
    { scope: `${audience}/.default` },
  ],
  [
    "aws-cognito",
    { domain: "acme.auth.eu-west-1.amazoncognito.com" },
    { scope: `a ${audience}/b`, audience },
    "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token",
    { scope: `${audience}/a ${audience}/b` },
  ],
  [
    "okta",
    { domain: "acme.okta.com" },
    { scope: "a", audience },
    "https://acme.okta.com/oauth2/default/v1/token",
    { scope: "a" },
  ],
  [
    "local",
    { tokenUrl: "http://127.0.0.1:3001/token" },
    { scope: "a", audience },
    "http://127.0.0.1:3001/token",
    { scope: "a", resource: audience },
  ],
  [
    "generic",
    { tokenUrl: "https://idp.example/t", audienceParameter: "audience" },
    { scope: "a", audience },
    "https://idp.example/t",
    { scope: "a", audience },
  ],
]

it.each(table)(
  "%s %j asks for %j at its own endpoint in its own words",
  (kind, settings, request, tokenUrl, params) => {
    const config = providerConfig(kind, settings)
    expect(config.tokenUrl).toBe(tokenUrl)
    expect(config.params(request)).toEqual(params)
  },
)

it.each(["", "Keycloak", "ping", "__proto__", "constructor"])("an unknown provider %j is an error", (kind) => {
  expect(() => providerConfig(kind, {})).toThrow(expect.objectContaining({ code: "unknown_provider" }))
})

it.each(["keycloak", "auth0", "azure-ad", "aws-cognito", "okta", "local", "generic"])(
  "%s without its settings names what is missing",
  (kind) => {
    expect(() => providerConfig(kind, {})).toThrow(expect.objectContaining({ code: "bad_configuration" }))
  },
)

it("auth0 without an audience is refused before the call", () => {
  expect(() => providerConfig("auth0", { domain: "a.example" }).params({ scope: "a" })).toThrow(
    expect.objectContaining({ code: "bad_configuration" }),
  )
})

it("issuers are spelled as the vendors spell them", () => {
  expect(providerConfig("auth0", { domain: "a.example" }).issuer).toBe("https://a.example/")
  expect(providerConfig("azure-ad", { tenant: "t" }).issuer).toBe("https://login.microsoftonline.com/t/v2.0")
  expect(providerConfig("aws-cognito", { domain: "d", region: "eu-west-1", userPoolId: "p" }).issuer).toBe(
    "https://cognito-idp.eu-west-1.amazonaws.com/p",
  )
})

it("key sets are where the vendors publish them", () => {
  const keysOf = (kind: string, settings: ProviderSettings) => providerConfig(kind, settings).jwksUri
  expect(keysOf("keycloak", { baseUrl: "https://kc.example", realm: "prod" })).toBe(
    "https://kc.example/realms/prod/protocol/openid-connect/certs",
  )
  expect(keysOf("auth0", { domain: "a.example" })).toBe("https://a.example/.well-known/jwks.json")
  expect(keysOf("azure-ad", { tenant: "t" })).toBe("https://login.microsoftonline.com/t/discovery/v2.0/keys")
  expect(keysOf("aws-cognito", { domain: "d", region: "eu-west-1", userPoolId: "p" })).toBe(
    "https://cognito-idp.eu-west-1.amazonaws.com/p/.well-known/jwks.json",
  )
  expect(keysOf("okta", { domain: "acme.okta.com" })).toBe("https://acme.okta.com/oauth2/default/v1/keys")
})
