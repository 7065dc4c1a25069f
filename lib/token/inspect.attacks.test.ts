import { createHmac } from "node:crypto"
import { describe, expect, it } from "vitest"
import { rsa, ec, es384, es512, ed, hmac, context, token, found, callerKeys } from "./inspect.fixture.ts"
import { inspectToken } from "./inspect.ts"
import { readKeySet } from "./keys.ts"
import { ecSigner, goodClaims, goodHeader, segmentOf, sign, signatureOf } from "./token.fixture.ts"

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
