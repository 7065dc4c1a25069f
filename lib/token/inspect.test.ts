import { describe, expect, it } from "vitest"
import { sha256 } from "../base/digest.ts"
import { rsa, ec, es384, es512, ed, hmac, context, token, found, callerKeys } from "./inspect.fixture.ts"
import { inspectToken } from "./inspect.ts"
import { readKeySet } from "./keys.ts"
import {
  contextFor,
  ecSigner,
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
