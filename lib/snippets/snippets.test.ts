import { execFileSync } from "node:child_process"
import { describe, expect, test } from "vitest"
import { audienceParameterOf, type SnippetContext } from "./context.ts"
import { curl } from "./curl.ts"
import { envFile, envTemplate } from "./env.ts"
import { go } from "./go.ts"
import { python } from "./python.ts"
import { typescript } from "./typescript.ts"

const base: SnippetContext = {
  clientId: "order-service",
  authMethod: "client_secret_basic",
  issuer: "http://127.0.0.1:4001",
  tokenEndpoint: "http://127.0.0.1:4001/token",
  grant: { audience: "https://payment-service.internal", scopes: ["payments:read", "payments:write"] },
  audienceParameter: "resource",
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
    const nasty = { ...base, grant: { audience: 'urn:it\'s $(id) `x` "y"', scopes: ["a"] } }
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

  test("a kind of provider that nobody wrote down gets no audience parameter", () => {
    expect(audienceParameterOf("local")).toBe("resource")
    expect(audienceParameterOf("keycloak")).toBeNull()
    expect(audienceParameterOf("constructor")).toBeNull()
  })

  test("no provider parameter, no audience on the wire", () => {
    expect(curl({ ...base, audienceParameter: null })).not.toContain("resource=")
    expect(go({ ...base, audienceParameter: null })).not.toContain("net/url")
  })
})
