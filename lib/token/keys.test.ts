import { createHash, generateKeyPairSync } from "node:crypto"
import { describe, expect, it } from "vitest"
import { guessable } from "./guessable.ts"
import { readKeySet, thumbprint } from "./keys.ts"
import { isWeaklyGenerated } from "./rsa.ts"
import { ecSigner, edSigner, hmacSigner, quickest, rsaSigner } from "./token.fixture.ts"

const rsa = rsaSigner("r1").jwk
const small = rsaSigner("small", 1024).jwk
const ec = ecSigner("e1").jwk
const ed = edSigner("d1").jwk
const uint = (value: bigint) => {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex").toString("base64url")
}
const modulus = BigInt(`0x${Buffer.from(String(rsa["n"]), "base64url").toString("hex")}`)

/** A number of 2,048 bits that the weak generator could have made: a power of 65537 modulo every small prime. */
function weakModulus(): bigint {
  const primes = [
    3n,
    5n,
    7n,
    11n,
    13n,
    17n,
    19n,
    23n,
    29n,
    31n,
    37n,
    41n,
    43n,
    47n,
    53n,
    59n,
    61n,
    67n,
    71n,
    73n,
    79n,
    83n,
    89n,
    97n,
    101n,
    103n,
    107n,
    109n,
    113n,
    127n,
    131n,
    137n,
    139n,
    149n,
    151n,
    157n,
    163n,
    167n,
  ]
  const product = primes.reduce((all, prime) => all * prime, 1n)
  let residue = 1n
  for (let step = 0; step < 1234; step += 1) residue = (residue * 65_537n) % product
  const high = (1n << 2047n) / product
  const candidate = residue + product * high + product
  return candidate % 2n === 1n ? candidate : candidate + product
}

const problemsOf = (jwk: object, origin: "issuer" | "caller" = "issuer") =>
  readKeySet({ keys: [jwk] }, origin).keys[0]?.problems
const refusedOf = (keys: readonly object[], origin: "issuer" | "caller" = "issuer") =>
  readKeySet({ keys }, origin).refused

describe("a key set", () => {
  it("of sound keys is taken, each key without problems", () => {
    const set = readKeySet({ keys: [rsa, ec, ed, ecSigner("e3", "P-384").jwk, ecSigner("e5", "P-521").jwk] }, "issuer")
    expect(set.refused).toBeNull()
    expect(set.keys.map((key) => key.problems)).toEqual([[], [], [], [], []])
    expect(set.keys.map((key) => key.algorithms.length)).toEqual([6, 1, 2, 1, 1])
  })

  it.each([
    ["something else than a set", { nothing: true }],
    ["a list", []],
    ["a key that is a number", { keys: [1] }],
    ["101 keys", { keys: Array.from({ length: 101 }, (_, n) => ({ ...ec, kid: String(n) })) }],
    ["a symmetric key", { keys: [hmacSigner("h1").jwk] }],
    ["a private key", { keys: [generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" })] }],
    ["a kid twice", { keys: [rsa, { ...ec, kid: "r1" }] }],
    ["e = 1", { keys: [{ ...rsa, e: "AQ" }, ec] }],
    ["e = 3", { keys: [{ ...rsa, e: "Aw" }, ec] }],
    ["an even e", { keys: [{ ...rsa, e: uint(65_538n) }, ec] }],
  ])("of an issuer is refused whole for %s", (_, reply) => {
    expect(readKeySet(reply, "issuer").refused).toEqual(expect.any(String))
  })

  it("is refused when a known kid comes back with other key material, and not when it is the same", () => {
    const last = readKeySet({ keys: [ec] }, "issuer")
    expect(readKeySet({ keys: [ecSigner("e1").jwk] }, "issuer", last).refused).toContain("other key material")
    expect(readKeySet({ keys: [ec, rsa] }, "issuer", last).refused).toBeNull()
  })

  it("of a caller may be symmetric, never mixed; private members are dropped with a warning", () => {
    expect(refusedOf([hmacSigner("h1").jwk, hmacSigner("h2").jwk], "caller")).toBeNull()
    expect(refusedOf([hmacSigner("h1").jwk, rsa], "caller")).toContain("mixes")
    const pasted = readKeySet(
      generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
      "caller",
    )
    expect(pasted).toMatchObject({ refused: null, single: true, warnings: [expect.stringContaining("dropped")] })
    expect(pasted.keys[0]?.material?.type).toBe("public")
  })

  it.each([
    ["a short modulus", small, "1024 bits"],
    ["a modulus of the weak generator", { ...rsa, n: uint(weakModulus()) }, "CVE-2017-15361"],
    ["an even modulus", { ...rsa, n: uint(modulus + 1n) }, "even"],
    ["a huge exponent", { ...rsa, e: uint(2n ** 64n + 1n) }, "64 bits"],
    ["a modulus with a leading zero", { ...rsa, n: `AA${String(rsa["n"])}` }, "base64url integer"],
    ["encryption", { ...rsa, use: "enc" }, "another use"],
    ["signing only", { ...rsa, key_ops: ["sign"] }, "verify"],
    ["another algorithm", { ...rsa, alg: "RSA-OAEP" }, "RSA-OAEP"],
    ["a point off the curve", { ...ec, y: ec["x"] }, "curve"],
    ["a short coordinate", { ...ec, x: "AQID" }, "32 octets"],
    ["a curve for Bitcoin", { ...ec, crv: "secp256k1" }, "secp256k1"],
    [
      "an Ed25519 point of order 1",
      { ...ed, x: Buffer.concat([Buffer.of(1), Buffer.alloc(31)]).toString("base64url") },
      "small order",
    ],
    ["an Ed25519 point of order 4", { ...ed, x: Buffer.alloc(32).toString("base64url") }, "small order"],
    ["an Ed25519 point of order 8", { ...ed, x: "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o" }, "small order"],
    [
      "an Ed25519 point off the curve",
      { ...ed, x: Buffer.concat([Buffer.of(2), Buffer.alloc(31)]).toString("base64url") },
      "not on the curve",
    ],
    ["an Ed25519 point beyond the field", { ...ed, x: Buffer.alloc(32, 0xff).toString("base64url") }, "canonically"],
    ["another type", { kty: "AKP", alg: "ML-DSA-44" }, "AKP"],
    ["a kid that is a number", { ...ec, kid: 7 }, "not a string"],
  ])("marks only the key unusable for %s", (_, jwk, why) => {
    expect(refusedOf([jwk])).toBeNull()
    expect(problemsOf(jwk)?.join("; ")).toContain(why)
  })

  it("of forty honest Ed25519 keys holds none that is called bad", () => {
    expect(Array.from({ length: 40 }, (_, n) => problemsOf(edSigner(String(n)).jwk)).flat()).toEqual([])
  })

  it("tells the weak generator from sound moduli", () => {
    expect(isWeaklyGenerated(weakModulus())).toBe(true)
    expect(isWeaklyGenerated(weakModulus() + 2n)).toBe(false)
    expect(isWeaklyGenerated(modulus)).toBe(false)
  })

  it("of a hundred keys is judged within 50 ms", () => {
    const keys = Array.from({ length: 100 }, (_, n) => ({
      ...(n % 3 === 0 ? rsa : n % 3 === 1 ? ec : ed),
      kid: String(n),
    }))
    expect(quickest(() => readKeySet({ keys }, "issuer"))).toBeLessThan(50)
  })
})

describe("an HMAC secret", () => {
  it.each([
    ["one octet repeated", Buffer.alloc(64, 7)],
    ["a pattern", Buffer.from("0a1b2c3d9e8f7g6h".repeat(4))],
    ["a sequence", Buffer.from(Array.from({ length: 64 }, (_, n) => (n * 3) & 0xff))],
    ["a famous phrase", Buffer.from("a-string-secret-at-least-256-bits-long")],
    ["a PEM file", Buffer.from(generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" }))],
    ["a JWK", Buffer.from(JSON.stringify(ec))],
  ])("that is %s can be guessed", (_, secret) => {
    expect(guessable(secret)).toEqual(expect.any(String))
    expect(problemsOf({ kty: "oct", k: secret.toString("base64url") }, "caller")?.join()).toContain("guessed")
  })

  it("of random octets cannot", () => {
    expect(problemsOf(hmacSigner("h", 32).jwk, "caller")).toEqual([])
  })
})

describe("thumbprint", () => {
  it("is the one of RFC 7638 section 3.1", () => {
    const n =
      "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    const jwk = { kty: "RSA", n, e: "AQAB", alg: "RS256", kid: "2011-04-29" }
    expect(thumbprint(jwk)).toBe("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    expect(thumbprint(jwk)).toBe(createHash("sha256").update(`{"e":"AQAB","kty":"RSA","n":"${n}"}`).digest("base64url"))
  })
})
