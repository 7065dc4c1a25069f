import { createHmac } from "node:crypto"
import { describe, expect, it } from "vitest"
import { sha256 } from "../base/digest.ts"
import type { TokenContext } from "./check.ts"
import { inspectToken, type Inspection } from "./inspect.ts"
import { readKeySet } from "./keys.ts"
import {
  audience,
  contextFor,
  ecSigner,
  edSigner,
  goodClaims,
  goodHeader,
  hmacSigner,
  issuer,
  now,
  rsaSigner,
  segmentOf,
  sign,
  signatureOf,
} from "./token.fixture.ts"

const rsa = rsaSigner("r1")
const ec = ecSigner("e1")
const es384 = ecSigner("e3", "P-384")
const es512 = ecSigner("e5", "P-521")
const ed = edSigner("d1")
const hmac = hmacSigner("h1")
const context = contextFor(rsa, ec, es384, es512, ed)
const token = (claims: object = goodClaims, header: object = goodHeader(ec)) => sign(ec, { ...header }, claims)
const found = (inspection: Inspection, name: string) => inspection.checks.find((check) => check.name === name)
const inspect = (claims: object, more: Partial<TokenContext> = {}) =>
  inspectToken(token(claims), { ...context, ...more })
const callerKeys = (...keys: readonly object[]) => readKeySet(keys.length === 1 ? keys[0] : { keys }, "caller")

describe("a good token", () => {
  it.each([rsa, ec, es384, es512, ed].flatMap((signer) => signer.algorithms.map((alg) => [alg, signer] as const)))(
    "under %s is valid",
    (alg, signer) => {
      const inspection = inspectToken(sign(signer, goodHeader(signer, alg), goodClaims), context)
      expect(inspection.checks.filter((check) => check.is === "fail" || check.is === "warn")).toEqual([])
      expect(inspection).toMatchObject({
        verdict: "valid",
        overall: "valid",
        claims: goodClaims,
        kind: { is: "access" },
      })
    },
  )

  it.each(hmac.algorithms)("under %s is valid with a caller's own secret only", (alg) => {
    const signed = sign(hmac, goodHeader(hmac, alg), goodClaims)
    expect(inspectToken(signed, { ...context, keys: callerKeys(hmac.jwk) }).overall).toBe("valid")
    expect(inspectToken(signed, context).overall).toBe("rejected")
  })

  it("answers every check by name, each with its source", () => {
    const names = inspectToken(token(), context).checks.map((check) => check.name)
    expect(names).toEqual([
      "structure",
      "algorithm",
      "key",
      "signature",
      "header_hints",
      "claims",
      "issuer",
      "type",
      "required_claims",
      "audience",
      "expiry",
      "not_before",
      "issued_at",
      "client",
      "scope",
      "revocation",
    ])
    expect(inspectToken(token(), context).checks.every((check) => /RFC|OpenID/.test(check.source))).toBe(true)
  })
})

describe("the overall word", () => {
  it("of a token without key and issuer is not_verified, whatever its claims fail", () => {
    expect(inspectToken(token(), { now })).toMatchObject({ verdict: "unverified", overall: "not_verified" })
    expect(inspectToken(token({ ...goodClaims, exp: now - 100 }), { now })).toMatchObject({
      overall: "not_verified",
      why: expect.stringContaining("Expired"),
    })
  })

  it("is rejected without a key where the octets alone, or a connected issuer's expectations, say so", () => {
    expect(inspectToken(token(goodClaims, { ...goodHeader(ec), crit: ["exp"] }), { now }).overall).toBe("rejected")
    expect(inspectToken(`${segmentOf(goodHeader(ec))}.${segmentOf(goodClaims)}.`, { now }).overall).toBe("rejected")
    expect(inspectToken(token({ ...goodClaims, exp: now - 100 }), { now, issuer }).overall).toBe("rejected")
    expect(inspectToken(token(), { now, issuer }).overall).toBe("not_verified")
  })

  it("of the unsecured token of RFC 7515 appendix A.5 is unsecured", () => {
    const a5 =
      "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    expect(inspectToken(a5, context)).toMatchObject({
      verdict: "invalid",
      overall: "unsecured",
      claims: { iss: "joe" },
    })
  })

  it.each(["none", "None", "NONE", "nOnE"])("of alg %s is unsecured, signed or not, with any key at hand", (alg) => {
    const input = `${segmentOf({ alg, kid: "r1", typ: "at+jwt" })}.${segmentOf(goodClaims)}`
    for (const signature of ["", "AQID", signatureOf("RS256", rsa.privateKey, input)]) {
      expect(inspectToken(`${input}.${signature}`, context).overall).toBe("unsecured")
      expect(inspectToken(`${input}.${signature}`, { now, keys: callerKeys(rsa.jwk) }).overall).toBe("unsecured")
    }
  })

  it.each(["rs256", "RS1", "ES256K", "HS1", "none ", "dir", "Ed448"])(
    "of the unknown algorithm %j is unsupported",
    (alg) => {
      expect(inspectToken(`${segmentOf({ alg })}.${segmentOf(goodClaims)}.AQID`, context)).toMatchObject({
        verdict: "unverified",
        overall: "unsupported",
      })
    },
  )

  it.each([
    ["encrypted", "unverified", `${segmentOf({ alg: "dir", enc: "A256GCM" })}..AQID.AQID.AQID`],
    ["unsupported", "unverified", `${segmentOf({ alg: "ES256" })}..AQID`],
    ["unsecured", "invalid", `${segmentOf({ alg: "none" })}..AQID`],
    ["malformed", "invalid", "not-a-token"],
    ["malformed", "invalid", "a.b.c"],
    ["malformed", "invalid", ""],
  ])("is %s (%s) for %s", (overall, verdict, text) => {
    const inspection = inspectToken(text, context)
    expect(inspection).toMatchObject({ overall, verdict })
    expect(inspection.checks).toHaveLength(16)
    expect(inspection.checks.some((check) => check.is === "pass")).toBe(false)
  })

  it("of an empty signature under a true algorithm is rejected: no signature", () => {
    const inspection = inspectToken(`${segmentOf(goodHeader(ec))}.${segmentOf(goodClaims)}.`, context)
    expect(inspection).toMatchObject({ overall: "rejected", why: expect.stringContaining("no signature") })
  })

  it("tells both when a correct signature covers no claims; asked about the JWS alone it is valid", () => {
    const signed = sign(ec, goodHeader(ec), "just octets")
    const inspection = inspectToken(signed, context)
    expect(found(inspection, "signature")?.is).toBe("pass")
    expect(found(inspection, "claims")?.is).toBe("fail")
    expect(inspection.overall).toBe("rejected")
    const jws = inspectToken(signed, { ...context, layer: "jws" })
    expect(jws.overall).toBe("valid")
    expect(jws.checks.map((check) => check.name)).toEqual([
      "structure",
      "algorithm",
      "key",
      "signature",
      "header_hints",
    ])
  })

  it("rejects duplicate claims under a correct signature", () => {
    const text = JSON.stringify(goodClaims).replace("{", '{"scope":"admin",')
    expect(inspectToken(sign(ec, goodHeader(ec), text), context)).toMatchObject({
      overall: "rejected",
      why: expect.stringContaining("twice"),
    })
  })
})

describe("T5: algorithm confusion", () => {
  const signers = [rsa, ec, es384, es512, ed, hmac]
  const all = signers.flatMap((signer) => signer.algorithms.map((alg) => ({ alg, signer })))

  it("a token made under one algorithm passes with no key that is meant for another", () => {
    for (const { alg, signer } of all) {
      const signed = sign(signer, goodHeader(signer, alg), goodClaims)
      for (const other of all) {
        if (other.alg === alg) continue
        // The other's key under the token's kid, marked for the other algorithm.
        const keys = readKeySet(
          { keys: [{ ...other.signer.jwk, kid: signer.kid, alg: other.alg }] },
          other.signer === hmac ? "caller" : "issuer",
        )
        const inspection = inspectToken(signed, { ...context, keys })
        const verdict = [inspection.overall, found(inspection, "key")?.is, found(inspection, "signature")?.is]
        expect(verdict, `${alg} with a key for ${other.alg}`).toEqual(["rejected", "fail", "skip"])
      }
    }
  })

  it("a header that lies about the algorithm passes with no key", () => {
    for (const { alg, signer } of all) {
      for (const said of all) {
        if (said.alg === alg || (said.alg.startsWith("Ed") && alg.startsWith("Ed"))) continue
        const input = `${segmentOf(goodHeader(signer, said.alg))}.${segmentOf(goodClaims)}`
        const keys = signer === hmac ? callerKeys(hmac.jwk) : context.keys
        const lying = `${input}.${signatureOf(alg, signer.privateKey, input)}`
        expect(
          inspectToken(lying, { ...context, ...(keys ? { keys } : {}) }).overall,
          `${alg} called ${said.alg}`,
        ).toBe("rejected")
      }
    }
  })

  it("an HMAC over any spelling of the public key is rejected, even when the caller hands that spelling in as a secret", () => {
    const material = context.keys?.keys[0]?.material
    const pem = String(material?.export({ format: "pem", type: "spki" }))
    const pkcs1 = String(material?.export({ format: "pem", type: "pkcs1" }))
    const spellings = [
      pem,
      pem.trim(),
      pem.replaceAll("\n", "\r\n"),
      pem.replaceAll("\n", ""),
      pkcs1,
      pkcs1.trim(),
      JSON.stringify(rsa.jwk),
      JSON.stringify({ keys: [rsa.jwk] }),
    ]
    const octets = [
      ...spellings.map((text) => Buffer.from(text)),
      material?.export({ format: "der", type: "spki" }),
      Buffer.from(String(rsa.jwk["n"]), "base64url"),
    ]
    for (const alg of hmac.algorithms) {
      const input = `${segmentOf(goodHeader(rsa, alg))}.${segmentOf(goodClaims)}`
      for (const [index, secret] of octets.entries()) {
        const mac = createHmac(`sha${alg.slice(2)}`, secret ?? "")
          .update(input)
          .digest("base64url")
        expect(inspectToken(`${input}.${mac}`, context).overall).toBe("rejected")
        const handed = readKeySet({ kty: "oct", k: secret?.toString("base64url"), kid: "r1" }, "caller")
        if (index < spellings.length)
          expect(inspectToken(`${input}.${mac}`, { ...context, keys: handed }).overall).toBe("rejected")
      }
    }
  })

  it("an algorithm that the issuer is not configured for is rejected, though its key would fit", () => {
    const signed = sign(rsa, goodHeader(rsa, "PS256"), goodClaims)
    expect(inspectToken(signed, { ...context, algorithms: ["RS256", "ES256"] })).toMatchObject({
      overall: "rejected",
      why: expect.stringContaining("PS256"),
    })
    expect(inspectToken(signed, { ...context, algorithms: ["PS256"] }).overall).toBe("valid")
  })

  it("an HMAC is never allowed under an issuer's set, not even an empty one", () => {
    const keys = readKeySet({ keys: [] }, "issuer")
    const inspection = inspectToken(sign(hmac, goodHeader(hmac, "HS256"), goodClaims), { ...context, keys })
    expect(found(inspection, "algorithm")).toMatchObject({
      is: "fail",
      why: expect.stringContaining("algorithm confusion"),
    })
    expect(inspection.overall).toBe("rejected")
  })

  it("a DER signature, or one of the wrong length, is no ES256 signature", () => {
    const [input, raw] = [token().slice(0, token().lastIndexOf(".")), Buffer.alloc(64, 1)]
    for (const signature of [raw, raw.subarray(1), Buffer.concat([Buffer.of(0x30, 0x44, 2, 32), raw])]) {
      expect(found(inspectToken(`${input}.${signature.toString("base64url")}`, context), "signature")?.is).toBe("fail")
    }
  })
})

describe("T6: injection by header", () => {
  const paths = [
    "../../../../dev/null",
    "/etc/passwd",
    "file:///etc/passwd",
    "C:\\windows\\win.ini",
    "keys/r1.pem",
    "%2e%2e%2f",
    "r1\0.pem",
    "./r1",
  ]
  const sql = ["r1' OR '1'='1", "' UNION SELECT 'AQID", "r1'; DROP TABLE keys; --", 'r1" --', "%", "_"]
  const shell = ["$(id)", "`id`", "| id", "; sleep 9", "r1\n", "r1 ", " r1", "R1", "r1\u0000", "r1\u202e", "ｒ1"]
  const urls = [
    "http://127.0.0.1:4119/jwks",
    "https://169.254.169.254/",
    "//evil.example",
    "ldap://evil.example/a",
    "data:application/json,{}",
  ]
  const names = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "prototype",
    "length",
    "0",
    "null",
    "undefined",
    ".*",
    "^r1$",
    "r[1]",
    "",
  ]
  const texts = [...paths, ...sql, ...shell, ...urls, ...names]
  const many = [
    ...texts,
    ...texts.map((text) => `${text}#`),
    ...texts.map((text) => `r1${text}`).filter((text) => text !== "r1"),
    ...texts.map((text) => encodeURIComponent(`/${text}`)),
  ]
  const others: readonly unknown[] = [
    null,
    true,
    1,
    1.5,
    [],
    ["e1"],
    {},
    { toString: "e1" },
    "x".repeat(257),
    "e1".repeat(200),
  ]

  it("finds no key for any of two hundred hostile kids", () => {
    const hostile = [...many, ...others]
    expect(hostile.length).toBeGreaterThanOrEqual(180)
    for (const kid of hostile) {
      const inspection = inspectToken(token(goodClaims, { ...goodHeader(ec), kid }), context)
      expect(found(inspection, "key")?.is, JSON.stringify(kid)).toBe("fail")
      expect(inspection.overall).toBe("rejected")
    }
  })

  it("takes no kid above 256 characters, though the set may have it", () => {
    const kid = "k".repeat(257)
    const keys = readKeySet({ keys: [{ ...ec.jwk, kid }] }, "issuer")
    const inspection = inspectToken(token(goodClaims, { ...goodHeader(ec), kid }), { ...context, keys })
    expect(found(inspection, "key")).toMatchObject({ is: "fail", why: expect.stringContaining("257 characters") })
    expect(inspection.overall).toBe("rejected")
  })

  it("ignores a key that the token brings along, and says why", () => {
    const mallory = ecSigner("m1")
    const header = {
      ...goodHeader(mallory),
      jwk: mallory.jwk,
      jku: "https://evil.example/jwks",
      x5u: "https://evil.example/x",
      x5c: ["AQID"],
      zip: "DEF",
    }
    const inspection = inspectToken(sign(mallory, header, goodClaims), context)
    expect(inspection.overall).toBe("rejected")
    expect(found(inspection, "header_hints")).toMatchObject({
      is: "warn",
      why: expect.stringContaining("a token cannot name its own judge"),
    })
    expect(inspectToken(token(goodClaims, { ...goodHeader(ec), jwk: mallory.jwk }), context).overall).toBe("valid")
  })
})

describe("key selection", () => {
  const without = (alg: string, signer = ec) => sign(signer, { alg, typ: "at+jwt" }, goodClaims)

  it("without a kid takes the only key that fits, and none when several do", () => {
    expect(inspectToken(without("ES256"), context).overall).toBe("valid")
    expect(found(inspectToken(without("ES256"), contextFor(ec, ecSigner("e2"))), "key")).toMatchObject({
      is: "fail",
      why: expect.stringContaining("ambiguous"),
    })
    expect(found(inspectToken(without("ES256"), contextFor(rsa)), "key")?.is).toBe("fail")
  })

  it("does not become clear because one of two fitting keys is weak", () => {
    const weak = { ...ecSigner("e2").jwk, y: "AQID" }
    const keys = readKeySet({ keys: [ec.jwk, weak] }, "issuer")
    expect(inspectToken(without("ES256"), { ...context, keys }).overall).toBe("rejected")
  })

  it("uses a single key handed in as it is, and warns of another kid", () => {
    const inspection = inspectToken(token(), { ...context, keys: callerKeys({ ...ec.jwk, kid: "mine" }) })
    expect(found(inspection, "key")).toMatchObject({ is: "warn", why: expect.stringContaining("used as given") })
    expect(inspection.overall).toBe("valid")
  })

  it("explains an unsafe key: mathematically valid, rejected", () => {
    const small = rsaSigner("s1", 1024)
    const inspection = inspectToken(sign(small, goodHeader(small), goodClaims), contextFor(small))
    expect(found(inspection, "signature")).toMatchObject({
      is: "fail",
      why: expect.stringContaining("mathematically valid, key unsafe, rejected"),
    })
    expect(inspection.overall).toBe("rejected")
    const short = hmacSigner("h2", 16)
    const handed = { ...context, keys: callerKeys(short.jwk) }
    expect(
      found(inspectToken(sign(short, goodHeader(short, "HS256"), goodClaims), handed), "signature")?.why,
    ).toContain("16 octets")
  })

  it("rejects the token that anybody can forge with e = 1", () => {
    const input = `${segmentOf(goodHeader(rsa, "RS256"))}.${segmentOf(goodClaims)}`
    // With e = 1 the encoded block of RFC 8017 section 9.2 is its own signature.
    const digest = Buffer.concat([Buffer.from("3031300d060960864801650304020105000420", "hex"), sha256(input)])
    const block = Buffer.concat([Buffer.of(0, 1), Buffer.alloc(256 - 3 - digest.length, 0xff), Buffer.of(0), digest])
    const keys = readKeySet({ keys: [{ ...rsa.jwk, e: "AQ" }] }, "issuer")
    const inspection = inspectToken(`${input}.${block.toString("base64url")}`, { ...context, keys })
    expect(inspection.overall).toBe("rejected")
    expect(found(inspection, "key")?.why).toContain("anybody can forge")
  })

  it("passes nothing under a refused set, though the signature is right", () => {
    const keys = readKeySet({ keys: [ec.jwk, { ...ed.jwk, kid: "e1" }] }, "issuer")
    expect(inspectToken(token(), { ...context, keys }).overall).toBe("rejected")
    const other = readKeySet({ keys: [ec.jwk, hmac.jwk] }, "issuer")
    expect(found(inspectToken(token(), { ...context, keys: other }), "signature")?.why).toContain(
      "mathematically valid",
    )
  })
})

describe("each claim", () => {
  it.each<[string, string, object, Partial<TokenContext>, string]>([
    ["issuer", "fail", { ...goodClaims, iss: `${issuer}/` }, {}, "only in a slash at the end"],
    ["issuer", "fail", { ...goodClaims, iss: issuer.replace("https", "http") }, {}, "only in http and https"],
    ["issuer", "fail", { ...goodClaims, iss: issuer.toUpperCase() }, {}, "upper and lower case"],
    ["issuer", "fail", { ...goodClaims, iss: undefined }, {}, "names no issuer"],
    [
      "audience",
      "fail",
      { ...goodClaims, aud: "https://inventory-service.internal" },
      {},
      'expected "https://payment-service.internal"',
    ],
    ["audience", "fail", { ...goodClaims, aud: [] }, {}, "names no audience"],
    ["audience", "fail", { ...goodClaims, aud: [1, audience] }, {}, "neither a string"],
    ["audience", "fail", { ...goodClaims, aud: audience.toUpperCase() }, {}, "upper and lower case"],
    ["audience", "warn", { ...goodClaims, aud: [audience, "account"] }, {}, '"account"'],
    [
      "audience",
      "pass",
      { ...goodClaims, aud: [audience, "b"] },
      { audience: { mode: "exact", identifiers: [audience], known: ["b"] } },
      "as expected",
    ],
    ["expiry", "fail", { ...goodClaims, exp: now - 42 }, {}, "Expired 42 s ago, tolerance 30 s."],
    ["expiry", "fail", { ...goodClaims, exp: now - 60 }, { tolerance: 3600 }, "tolerance 1 min"],
    ["expiry", "warn", { ...goodClaims, exp: now - 29 }, {}, "within the tolerance"],
    ["expiry", "fail", { ...goodClaims, exp: now - 30 }, {}, "Expired 30 s ago"],
    ["expiry", "fail", { ...goodClaims, exp: String(now + 60) }, {}, "a string"],
    ["expiry", "fail", { ...goodClaims, exp: (now + 60) * 1000 }, {}, "milliseconds"],
    ["expiry", "fail", { ...goodClaims, exp: undefined }, {}, "no exp"],
    ["expiry", "warn", { ...goodClaims, exp: now + 90_000 }, {}, "longest, 1 h"],
    ["not_before", "fail", { ...goodClaims, nbf: now + 31 }, {}, "Valid only in 31 s, tolerance 30 s."],
    ["not_before", "pass", { ...goodClaims, nbf: now + 30 }, {}, "within the tolerance"],
    ["issued_at", "fail", { ...goodClaims, iat: now + 31 }, {}, "Issued 31 s in the future, tolerance 30 s."],
    ["issued_at", "warn", { ...goodClaims, iat: now - 4000 }, {}, "longest lifetime, 1 h"],
    ["type", "fail", { ...goodClaims, nonce: "n" }, {}, "ID token"],
    ["type", "fail", { ...goodClaims, at_hash: "n" }, {}, "ID token"],
    ["type", "fail", { ...goodClaims, typ: "Refresh" }, {}, "refresh token"],
    ["type", "fail", { ...goodClaims, token_use: "id" }, {}, "ID token"],
    [
      "type",
      "fail",
      { ...goodClaims, events: { "http://schemas.openid.net/event/backchannel-logout": {} } },
      {},
      "logout token",
    ],
    ["required_claims", "fail", { ...goodClaims, jti: undefined, client_id: undefined }, {}, "missing: client_id, jti"],
    [
      "scope",
      "pass",
      { ...goodClaims, scope: `${audience}/payments:write` },
      { scopePrefixes: [`${audience}/`] },
      "granted: payments:write",
    ],
    ["audience", "fail", goodClaims, { audience: { mode: "exact", identifiers: [] } }, "that the registry knows"],
    ["client", "fail", goodClaims, { client: { name: "order-service", enabled: false } }, "has disabled"],
    ["client", "warn", goodClaims, { client: null }, "no service client of the registry"],
    ["client", "fail", { ...goodClaims, azp: "other" }, {}, "two callers"],
    [
      "scope",
      "fail",
      goodClaims,
      { requiredScopes: ["payments:write", "payments:read"] },
      "Insufficient scope: payments:read missing",
    ],
    [
      "scope",
      "fail",
      { ...goodClaims, scope: "payments:writers" },
      { requiredScopes: ["payments:write"] },
      "payments:write missing",
    ],
    ["scope", "fail", { ...goodClaims, scope: "payments:write payments:read" }, {}, "payments:read not granted"],
    ["scope", "fail", goodClaims, { grant: null }, "grants this client nothing"],
    ["scope", "warn", { ...goodClaims, scope: "payments:write profile" }, {}, "profile: no scope of this audience"],
    ["scope", "fail", { ...goodClaims, scope: 7 }, {}, "neither a string"],
    ["revocation", "skip", goodClaims, {}, "Not checked"],
    ["revocation", "fail", goodClaims, { introspection: { active: false, askerInAudience: true } }, "not active"],
    ["revocation", "warn", goodClaims, { introspection: { active: false, askerInAudience: false } }, "no proof"],
  ])("%s: %s", (name, is, claims, more, why) => {
    const inspection = inspect(claims, more)
    expect(found(inspection, name)).toMatchObject({ is, why: expect.stringContaining(why) })
    expect(inspection.overall).toBe(is === "fail" ? "rejected" : "valid")
  })

  it("stands for an absent audience where the provider writes none: by the prefix of a scope", () => {
    const { profile: _, grant: __, ...plain } = context
    const { aud: ___, ...claims } = goodClaims
    const judge = (scope: string) =>
      inspectToken(token({ ...claims, scope }), {
        ...plain,
        audience: { mode: "scope_prefix", identifiers: ["https://pay"] },
      })
    expect(judge("https://pay/read").overall).toBe("valid")
    expect(found(judge("https://payroll/read"), "audience")).toMatchObject({
      is: "fail",
      why: expect.stringContaining("no scope begins"),
    })
  })

  it("says a widened projection, and passes it", () => {
    const grant = {
      scopes: ["payments:write"],
      audienceScopes: ["payments:write", "payments:read"],
      widened: [{ scope: "payments:read", why: "The provider grants whole audiences." }],
    }
    expect(found(inspect({ ...goodClaims, scope: "payments:write payments:read" }, { grant }), "scope")).toMatchObject({
      is: "warn",
      why: expect.stringContaining("whole audiences"),
    })
  })

  it.each([
    ["scope as a list", { scope: ["payments:write"] }],
    ["scp as a text", { scope: undefined, scp: "payments:write" }],
    ["scp as a list", { scope: undefined, scp: ["payments:write"] }],
    ["objects of rn and role", { scope: [{ rn: "payments", role: "write" }] }],
    ["Entra roles", { scope: undefined, roles: ["payments:write"] }],
  ])("reads %s", (_, claims) => {
    expect(found(inspect({ ...goodClaims, ...claims }, { requiredScopes: ["payments:write"] }), "scope")?.is).toBe(
      "pass",
    )
  })

  it("lets the introspected scope decide where the token carries none", () => {
    const introspection = { active: true, askerInAudience: true, scope: [{ rn: "payments", role: "write" }] }
    expect(
      found(
        inspect({ ...goodClaims, scope: undefined }, { requiredScopes: ["payments:write"], introspection }),
        "scope",
      )?.is,
    ).toBe("pass")
    expect(
      found(
        inspect({ ...goodClaims, scope: "payments:read" }, { requiredScopes: ["payments:write"], introspection }),
        "scope",
      )?.is,
    ).toBe("fail")
  })

  it("of an expired token fails expiry even when its signature is bad: all checks run", () => {
    const [input, other] = [token({ ...goodClaims, exp: now - 42 }), token()]
    const inspection = inspectToken(
      input.slice(0, input.lastIndexOf(".")) + other.slice(other.lastIndexOf(".")),
      context,
    )
    expect([found(inspection, "signature")?.is, found(inspection, "expiry")?.is]).toEqual(["fail", "fail"])
  })

  it.each([
    ["JWT", "fail"],
    [undefined, "fail"],
    ["application/at+jwt", "pass"],
    ["AT+JWT", "pass"],
    ["logout+jwt", "fail"],
    ["dpop+jwt", "fail"],
    [7, "fail"],
  ])("typ %j under RFC 9068: %s", (typ, is) => {
    expect(found(inspectToken(token(goodClaims, { ...goodHeader(ec), typ }), context), "type")?.is).toBe(is)
  })

  it("typ JWT passes where the registry says that this provider writes it, and warns where nobody says anything", () => {
    const plain = token(goodClaims, { ...goodHeader(ec), typ: "JWT" })
    const { type: _, ...silent } = context
    expect(found(inspectToken(plain, { ...silent, type: "jwt" }), "type")?.is).toBe("pass")
    expect(found(inspectToken(plain, silent), "type")?.is).toBe("warn")
  })
})
