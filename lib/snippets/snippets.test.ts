import { execFileSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import type { SnippetContext } from "./context.ts"
import { curl } from "./curl.ts"
import { envFile, envTemplate } from "./env.ts"
import { go } from "./go.ts"
import { python } from "./python.ts"
import { typescript } from "./typescript.ts"

const base: SnippetContext = {
  client_id: "order-service",
  auth_method: "client_secret_basic",
  issuer: "http://127.0.0.1:4001",
  token_endpoint: "http://127.0.0.1:4001/token",
  parameters: { resource: "https://payment-service.internal", scope: "payments:read payments:write" },
  audience: "https://payment-service.internal",
}

describe("snippets", () => {
  test("every language names the client, the endpoint or issuer, the scopes and the audience", () => {
    for (const code of [curl(base), typescript(base), python(base), go(base)]) {
      expect(code).toContain("order-service")
      expect(code).toContain("127.0.0.1:4001")
      expect(code).toContain("payments:write")
      expect(code).toContain("https://payment-service.internal")
    }
  })

  test("the shell reads a curl line as the words that were meant, whatever the audience holds", () => {
    const nasty = { ...base, parameters: { resource: 'urn:it\'s $(id) `x` "y"', scope: "a" } }
    const words = execFileSync("sh", ["-c", curl(nasty).replace(/^curl /, "printf '%s\\n' ")], {
      env: { NODE_ENV: "test", CLIENT_SECRET: "s" },
      encoding: "utf8",
    })
    expect(words).toContain('resource=urn:it\'s $(id) `x` "y"\n')
    expect(words).toContain("order-service:s\n")
  })

  test("a value in a .env file stays one line and one value", () => {
    const text = envFile({
      clientId: "a",
      clientSecret: 'x"$HOME\ny',
      issuer: "i",
      tokenEndpoint: "t",
      fingerprint: "f",
    })
    expect(text.split("\n").filter(Boolean)).toHaveLength(5)
    expect(text).toContain('CLIENT_SECRET="x\\"\\$HOME\\ny"')
  })

  test("the environment of both sides stands under the names that the documents use", () => {
    const given = {
      clientId: "a",
      issuer: "https://i",
      tokenEndpoint: "https://i/token",
      withSecret: true,
      jwksUri: "https://i/jwks",
      introspectionUrl: "https://i/introspect",
      audience: "https://payment-service.internal",
    }
    const names = (text: string) => text.split("\n").flatMap((l) => /^([A-Z_]+)=/.exec(l)?.[1] ?? [])
    expect(names(envTemplate(given))).toEqual([
      "TOKEN_ISSUER",
      "TOKEN_URL",
      "CLIENT_ID",
      "CLIENT_SECRET",
      "JWKS_URI",
      "SERVICE_AUDIENCE",
      "INTROSPECTION_URL",
    ])
    expect(envTemplate(given)).toContain('SERVICE_AUDIENCE="https://payment-service.internal"\n')
    const without = envTemplate({ ...given, withSecret: false, introspectionUrl: null, audience: null })
    expect(names(without)).toEqual(["TOKEN_ISSUER", "TOKEN_URL", "CLIENT_ID", "CLIENT_KEY_FILE", "JWKS_URI"])
  })

  test("the wire says what the provider wants and nothing else", () => {
    const entra = { ...base, client_id: "0f3a", parameters: { scope: "api://pay/.default" } }
    for (const code of [curl(entra), go(entra), python(entra), typescript(entra)]) {
      expect(code).toContain("api://pay/.default")
      expect(code).toContain("0f3a")
      expect(code).not.toContain("resource")
    }
    expect(typescript(entra)).toContain('audienceParameter: "none"')
    expect(go(entra)).not.toContain("net/url")
    const auth0 = { ...base, parameters: { audience: "https://payment-service.internal" } }
    expect(curl(auth0)).toContain("'audience=https://payment-service.internal'")
    expect(curl(auth0)).not.toContain("scope=")
    expect(go(auth0)).toContain('url.Values{"audience": {"https://payment-service.internal"}}')
    expect(typescript(auth0)).toContain('audienceParameter: "audience"')
  })
})
