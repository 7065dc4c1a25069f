import { generateKeyPairSync } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { identifierProblem, scopeToken } from "./rules.ts"
import { audienceInput, clientInput, clientPatch, grantInput } from "./schema.ts"

const client = {
  name: "order-service",
  display_name: "Order service",
  owner: "checkout",
  auth_method: "client_secret_basic",
  provider_ids: [],
}
const audience = {
  identifier: "https://payment-service.internal",
  name: "Payments",
  token_ttl_seconds: 300,
  token_format: "jwt",
  signing_alg: "RS256",
  scopes: [{ name: "payments:write" }],
}
/** Paths and codes that a schema refuses an input for. */
const problems = (schema: typeof clientInput | typeof audienceInput | typeof grantInput, input: unknown): string[] =>
  schema
    .safeParse(input)
    .error?.issues.map(
      (i) =>
        `${i.path.join(".")} ${i.code === "custom" && typeof i.params?.code === "string" ? i.params.code : i.code}`,
    ) ?? []

describe("audience identifiers (RFC 8707 section 2)", () => {
  test.each([
    "https://payment-service.internal",
    "https://api.example/v1",
    "urn:example:payments",
    "api://5f3c",
    "https://api.example/?a=b",
    "https://api.example:8443",
  ])("%s is one", (text) => {
    expect(identifierProblem(text, false)).toBeNull()
  })
  test.each([
    "payments",
    "",
    "/payments",
    "payments:8080",
    "localhost:3000/x",
    "https://",
    "https://a b",
    "https://a.example/#part",
    "https://u:p@a.example",
    "https://a.example/\u0000",
    "https://ä.example",
    "https://a.example/%zz",
  ])("%j is none", (text) => {
    expect(identifierProblem(text, false)).not.toBeNull()
  })
  test("a plain name needs the legacy choice, and even that takes no fragment and no space", () => {
    expect(problems(audienceInput, { ...audience, identifier: "dataEventRecords" })).toEqual([
      "identifier bad_identifier",
    ])
    expect(problems(audienceInput, { ...audience, identifier: "dataEventRecords", legacy: true })).toEqual([])
    expect(problems(audienceInput, { ...audience, identifier: "a#b", legacy: true })).toEqual([
      "identifier bad_identifier",
    ])
    expect(problems(audienceInput, { ...audience, identifier: "a b", legacy: true })).toEqual([
      "identifier bad_identifier",
    ])
  })
})

describe("scopes (RFC 6749 section 3.3)", () => {
  test("property: a token is visible ASCII without space, quote and backslash", () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 })
          .map((codes) => String.fromCharCode(...codes)),
        (text) => {
          const fine = [...text].every((c) => c >= "!" && c <= "~" && c !== '"' && c !== "\\")
          expect(scopeToken.test(text)).toBe(fine)
        },
      ),
    )
  })
  test("one name twice is told by its place", () => {
    expect(problems(audienceInput, { ...audience, scopes: [{ name: "a" }, { name: "b" }, { name: "a" }] })).toEqual([
      "scopes.2.name duplicate",
    ])
    expect(problems(audienceInput, { ...audience, scopes: [{ name: "two words" }] })).toEqual([
      "scopes.0.name invalid_format",
    ])
  })
  test("the life of a token is between a minute and a day", () => {
    expect(
      [59, 60, 86_400, 86_401, 300.5].map(
        (token_ttl_seconds) => problems(audienceInput, { ...audience, token_ttl_seconds }).length,
      ),
    ).toEqual([1, 0, 0, 1, 1])
  })
})

describe("clients", () => {
  test.each(["order-service", "CC", "a", "svc.billing_2", "0oa1b2c3"])("%s is a safe name", (name) => {
    expect(problems(clientInput, { ...client, name })).toEqual([])
  })
  test.each(["", "-a", ".a", "a b", "a/b", "a:b", "ä", "a\u0000", "x".repeat(129)])("%j is none", (name) => {
    expect(problems(clientInput, { ...client, name })).toHaveLength(1)
  })
  test("text holds no control character and no broken Unicode, an unknown field is named", () => {
    expect(problems(clientInput, { ...client, owner: "a\u0000b" })).toEqual(["owner invalid_format"])
    expect(problems(clientInput, { ...client, display_name: "a\ud800" })).toEqual(["display_name invalid_format"])
    expect(clientInput.safeParse({ ...client, ownr: "x" }).error?.issues[0]).toMatchObject({
      code: "unrecognized_keys",
      keys: ["ownr"],
    })
    expect(clientPatch.safeParse({ id: "x" }).success).toBe(false)
  })
})

describe("public keys", () => {
  const rsa = (bits: number) => generateKeyPairSync("rsa", { modulusLength: bits })
  const good = rsa(2048)
  const withKeys = (...keys: object[]) => ({ ...client, auth_method: "private_key_jwt", jwks: { keys } })
  const publicKey = { ...good.publicKey.export({ format: "jwk" }), kid: "k1" }

  test("private_key_jwt needs them, nothing else takes them", () => {
    expect(problems(clientInput, { ...client, auth_method: "private_key_jwt" })).toEqual(["jwks required"])
    expect(problems(clientInput, { ...client, jwks: { keys: [publicKey] } })).toEqual(["jwks not_allowed"])
    expect(problems(clientInput, withKeys(publicKey))).toEqual([])
  })
  test("a private key is refused and says where", () => {
    const refused = problems(clientInput, withKeys(good.privateKey.export({ format: "jwk" })))
    expect(refused).toContain("jwks.keys.0.d private_key")
  })
  test("symmetric, short and unknown keys are refused; members without meaning are dropped", () => {
    expect(problems(clientInput, withKeys({ kty: "oct", k: "c2VjcmV0" }))).toContain("jwks.keys.0.k private_key")
    expect(problems(clientInput, withKeys(rsa(1024).publicKey.export({ format: "jwk" })))).toEqual([
      "jwks.keys.0 bad_key",
    ])
    expect(problems(clientInput, withKeys({ kty: "XYZ" }))).toEqual(["jwks.keys.0 bad_key"])
    expect(problems(clientInput, withKeys(publicKey, publicKey))).toEqual(["jwks.keys bad_key"])
    const parsed = clientInput.parse(withKeys({ ...publicKey, note: "mine\u0000" }))
    expect(Object.keys(parsed.jwks?.keys[0] ?? {}).sort()).toEqual(["e", "kid", "kty", "n"])
  })
})

describe("grants", () => {
  const grant = {
    client: "order-service",
    audience: "https://a.example",
    scopes: ["b", "a", "b"],
    reason: "orders are charged",
  }
  test("scopes are a set, and there is at least one; a reason is needed; a time is RFC 3339", () => {
    expect(grantInput.parse(grant).scopes).toEqual(["a", "b"])
    expect(problems(grantInput, { ...grant, scopes: [] })).toEqual(["scopes too_small"])
    expect(problems(grantInput, { ...grant, reason: "  " })).toEqual(["reason too_small"])
    expect(problems(grantInput, { ...grant, expires_at: "tomorrow" })).toHaveLength(1)
  })
})
