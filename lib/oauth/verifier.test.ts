import { CompactSign, base64url, exportSPKI, importJWK } from "jose"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { goodClaims, makeIssuer, testAudience, testNow, type TestIssuer } from "./issuer.fixture.ts"
import { createVerifier, demandScopes, type VerifierOptions } from "./verifier.ts"

let idp: TestIssuer
beforeAll(async () => {
  idp = await makeIssuer()
})

const verifier = (over: Partial<VerifierOptions> = {}, from = idp) =>
  createVerifier({
    issuer: "https://idp.example",
    audience: testAudience,
    jwksUri: "https://idp.example/jwks",
    fetch: from.fetch,
    now: () => testNow,
    ...over,
  })

const outcome = (token: string, over: Partial<VerifierOptions> = {}) =>
  verifier(over)
    .verify(token)
    .then(
      () => "passed",
      (error: { reason?: string; message: string; status?: number }) =>
        `${error.status} ${error.message} (${error.reason})`,
    )

const respell = (token: string, part: 0 | 1, change: (text: string) => string): string => {
  const parts = token.split(".")
  parts[part] = base64url.encode(change(new TextDecoder().decode(base64url.decode(parts[part] ?? ""))))
  return parts.join(".")
}

describe("verifier", () => {
  it("passes a good token and tells who calls with what", async () => {
    const access = await verifier().verify(await idp.sign(goodClaims({ scp: ["extra"], aud: ["x", testAudience] })))
    expect(access).toMatchObject({
      caller: "order-service",
      scopes: ["payments:write", "extra"],
      audiences: ["x", testAudience],
      kid: "key-1",
    })
    expect(access.expiresAtMs).toBe(testNow + 290_000)
  })

  const now = testNow / 1000
  it.each([
    ["expired beyond the tolerance", { exp: now - 31 }, "401 Token expired (expired)"],
    ["expired within the tolerance", { exp: now - 29 }, "passed"],
    ["without exp", { exp: undefined }, "401 Token verification failed (missing_claim)"],
    ["exp as text", { exp: String(now + 100) }, "401 Token verification failed (malformed)"],
    ["not yet valid", { nbf: now + 31 }, "401 Token verification failed (not_yet_valid)"],
    ["issued in the future", { iat: now + 31 }, "401 Token verification failed (not_yet_valid)"],
    ["for another audience", { aud: "https://inventory.internal" }, "401 Token verification failed (wrong_audience)"],
    [
      "for an audience that only begins alike",
      { aud: `${testAudience}/` },
      "401 Token verification failed (wrong_audience)",
    ],
    ["without audience", { aud: undefined }, "401 Token verification failed (wrong_audience)"],
    ["from another issuer", { iss: "https://idp.example/" }, "401 Token verification failed (wrong_issuer)"],
    ["that is an ID token", { nonce: "n" }, "401 Token verification failed (wrong_type)"],
  ])("token %s", async (_, claims, expected) => {
    expect(await outcome(await idp.sign(goodClaims(claims)))).toBe(expected)
  })

  it.each([
    ["logout+jwt", {}, "401 Token verification failed (wrong_type)"],
    ["JWT", {}, "passed"],
    ["JWT", { requireAccessTokenType: true }, "401 Token verification failed (wrong_type)"],
    ["application/at+jwt", { requireAccessTokenType: true }, "passed"],
  ])("typ %s with %j", async (typ, over, expected) => {
    expect(await outcome(await idp.sign(goodClaims(), { typ }), over)).toBe(expected)
  })

  it("the tolerance is as wide as it is told, 60 s at most", async () => {
    const late = await idp.sign(goodClaims({ exp: now - 59 }))
    expect(await outcome(late, { toleranceSeconds: 60 })).toBe("passed")
    expect(await outcome(late)).toBe("401 Token expired (expired)")
    expect(await outcome(await idp.sign(goodClaims({ exp: now - 60 })), { toleranceSeconds: 60 })).toContain("expired")
  })

  it("a tampered payload and a foreign key are both an invalid signature", async () => {
    const token = await idp.sign(goodClaims())
    expect(await outcome(respell(token, 1, (json) => json.replace("payments:write", "payments:admin")))).toBe(
      "401 Invalid token signature (invalid_signature)",
    )
    const stranger = await makeIssuer()
    expect(await outcome(await stranger.sign(goodClaims()))).toBe("401 Invalid token signature (invalid_signature)")
  })

  it("an expired token with a bad signature is a bad signature: unproven claims explain nothing", async () => {
    const stranger = await makeIssuer()
    expect(await outcome(await stranger.sign(goodClaims({ exp: 1 })))).toBe(
      "401 Invalid token signature (invalid_signature)",
    )
  })

  it.each(["none", "None", "NONE", "nOnE"])("alg %s is refused", async (alg) => {
    const [, body] = (await idp.sign(goodClaims())).split(".")
    const header = base64url.encode(JSON.stringify({ alg, kid: "key-1" }))
    for (const signature of ["", "AAAA"])
      expect(await outcome(`${header}.${body}.${signature}`)).toContain("algorithm_not_allowed")
  })

  it("an HMAC made with the public key is refused (algorithm confusion)", async () => {
    const rsa = await makeIssuer("RS256")
    const [jwk] = rsa.jwks.keys
    const pem = await exportSPKI((await importJWK({ ...jwk, ext: true }, "RS256")) as CryptoKey)
    for (const secret of [pem, pem.trim(), JSON.stringify(jwk)]) {
      const forged = await new CompactSign(new TextEncoder().encode(JSON.stringify(goodClaims())))
        .setProtectedHeader({ alg: "HS256", kid: "key-1" })
        .sign(new TextEncoder().encode(secret))
      await expect(verifier({}, rsa).verify(forged)).rejects.toMatchObject({ reason: "algorithm_not_allowed" })
    }
  })

  it("an algorithm that is not pinned is refused though the key would verify it", async () => {
    expect(await outcome(await idp.sign(goodClaims()), { algorithms: ["RS256"] })).toContain("algorithm_not_allowed")
  })

  it.each([
    ["two segments", (t: string) => t.split(".").slice(0, 2).join(".")],
    ["five segments", (t: string) => `${t}.a.b`],
    ["padding", (t: string) => `${t}=`],
    ["a line end", (t: string) => `${t}\n`],
    ["a repeated claim", (t: string) => respell(t, 1, (json) => json.replace("{", '{"aud":"x",'))],
    ["a claim repeated by an escape", (t: string) => respell(t, 1, (json) => json.replace("{", '{"\\u0061ud":"x",'))],
    ["a byte order mark", (t: string) => respell(t, 0, (json) => `\ufeff${json}`)],
    ["crit", (t: string) => respell(t, 0, (json) => json.replace("{", '{"crit":["exp"],'))],
    ["an array payload", (t: string) => respell(t, 1, () => "[]")],
    [
      "deep nesting",
      (t: string) => respell(t, 1, (json) => json.replace("{", `{"a":${"[".repeat(40)}${"]".repeat(40)},`)),
    ],
    ["a huge token", (t: string) => t + "A".repeat(70_000)],
    ["nothing", () => ""],
  ])("a token with %s is refused with the general word", async (_, spoil) => {
    expect(await outcome(spoil(await idp.sign(goodClaims())))).toMatch(
      /^401 Token verification failed \((malformed|wrong_type)\)$/,
    )
  })

  it("property: no change of a single character passes", async () => {
    const token = await idp.sign(goodClaims())
    const guard = verifier()
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(..."AZaz09-_.+=/ "), async (at, char) => {
        fc.pre(token[at] !== char)
        await expect(guard.verify(token.slice(0, at) + char + token.slice(at + 1))).rejects.toMatchObject({
          status: 401,
        })
      }),
      { numRuns: 300 },
    )
  })

  it("property: whatever text comes, the answer is a refusal with a status, never another error", async () => {
    const guard = verifier()
    const segment = fc.oneof(
      fc.base64String(),
      fc.json().map((json) => base64url.encode(json)),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 6 }), async (segments) => {
        await expect(guard.verify(segments.join("."))).rejects.toMatchObject({ name: "TokenRejected", status: 401 })
      }),
      { numRuns: 200 },
    )
  })

  it("a header that names its own judge is not listened to", async () => {
    const stranger = await makeIssuer("ES256", "key-9")
    const token = await stranger.sign(goodClaims(), { jku: "https://evil.example/jwks", jwk: stranger.jwks.keys[0] })
    expect(await outcome(token)).toContain("unknown_key")
    expect(idp.fetch.calls.every((url) => url === "https://idp.example/jwks")).toBe(true)
  })

  it("another spelling of the same octets is refused", async () => {
    const token = await idp.sign(goodClaims())
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    // A signature of 64 octets leaves four unused bits in its last character.
    const last = alphabet.indexOf(token.at(-1) ?? "")
    const respelled = token.slice(0, -1) + alphabet[last + 1]
    expect(base64url.decode(respelled.split(".")[2] ?? "")).toEqual(base64url.decode(token.split(".")[2] ?? ""))
    expect(await outcome(respelled)).toContain("malformed")
  })

  it("a token without kid passes when one key fits, and is ambiguous when two do", async () => {
    const lonely = await makeIssuer()
    const token = await lonely.sign(goodClaims(), { kid: undefined })
    await expect(verifier({}, lonely).verify(token)).resolves.toMatchObject({ caller: "order-service" })
    lonely.jwks.keys.push(...(await makeIssuer("ES256", "key-2")).jwks.keys)
    await expect(verifier({}, lonely).verify(token)).rejects.toMatchObject({ reason: "unknown_key" })
  })

  it.each([
    [{ use: "enc" }, "unknown_key"],
    [{ key_ops: ["encrypt"] }, "unknown_key"],
    [{ alg: "PS256" }, "algorithm_not_allowed"],
  ])("a good signature of a key marked %j does not count", async (mark, reason) => {
    const rsa = await makeIssuer("RS256")
    const token = await rsa.sign(goodClaims())
    Object.assign(rsa.jwks.keys[0] ?? {}, mark)
    await expect(verifier({ algorithms: ["RS256", "PS256"] }, rsa).verify(token)).rejects.toMatchObject({ reason })
  })

  it("answers 503 while no key can be had, for then nobody knows whether the token is good", async () => {
    const dead = verifier({ fetch: () => Promise.reject(new TypeError("refused")) })
    await expect(dead.verify(await idp.sign(goodClaims()))).rejects.toMatchObject({
      status: 503,
      reason: "keys_unavailable",
    })
  })

  it("demands every scope, compared whole", async () => {
    const access = await verifier().verify(await idp.sign(goodClaims({ scope: "payments:write:all payments:read" })))
    expect(() => demandScopes(access, ["payments:read"])).not.toThrow()
    expect(() => demandScopes(access, ["payments:write", "payments:read"])).toThrow(
      expect.objectContaining({
        status: 403,
        message: "Insufficient scope",
        required: ["payments:write", "payments:read"],
        missing: ["payments:write"],
      }),
    )
  })

  it.each([
    [{ audience: "" }],
    [{ audience: [] }],
    [{ algorithms: ["HS256"] }],
    [{ algorithms: ["none"] }],
    [{ algorithms: [] }],
    [{ toleranceSeconds: 61 }],
    [{ issuer: "" }],
  ])("refuses the unsafe setting %j at the start", (over) => {
    expect(() => verifier(over as Partial<VerifierOptions>)).toThrow(
      expect.objectContaining({ code: "bad_configuration" }),
    )
  })
})
