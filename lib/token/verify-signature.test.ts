import { sign as signOctets } from "node:crypto"
import { describe, expect, it } from "vitest"
import { readKeySet } from "./keys.ts"
import { ecSigner, rsaSigner, signatureOf } from "./token.fixture.ts"
import { isSignature } from "./verify-signature.ts"

const rsa = rsaSigner("r1")
const ec = ecSigner("e1")
const input = "aGVhZGVy.cGF5bG9hZA"
const keyOf = (jwk: object) => {
  const [key] = readKeySet({ keys: [jwk] }, "issuer").keys
  if (!key) throw new Error("the set is empty")
  return key
}
const octets = (text: string) => Buffer.from(text, "base64url")

describe("a signature", () => {
  it("holds under the algorithm of the key, and under no other that the key does not permit", () => {
    const signature = octets(signatureOf("RS512", rsa.privateKey, input))
    expect(isSignature("RS512", keyOf(rsa.jwk), input, signature)).toBe(true)
    expect(isSignature("RS512", keyOf({ ...rsa.jwk, alg: "RS256" }), input, signature)).toBe(false)
  })

  it("of RSA is as long as the modulus: a zero in front, or one cut off, is another spelling", () => {
    const signature = octets(signatureOf("PS256", rsa.privateKey, input))
    expect(isSignature("PS256", keyOf(rsa.jwk), input, signature)).toBe(true)
    expect(isSignature("PS256", keyOf(rsa.jwk), input, Buffer.concat([Buffer.of(0), signature]))).toBe(false)
    expect(isSignature("PS256", keyOf(rsa.jwk), input, signature.subarray(1))).toBe(false)
  })

  it("of PSS has a salt as long as the hash", () => {
    const key = { key: rsa.privateKey as never, padding: 6, saltLength: 20 }
    expect(isSignature("PS256", keyOf(rsa.jwk), input, signOctets("sha256", Buffer.from(input), key))).toBe(false)
  })

  it("of ECDSA is raw, never DER, and zero is out of range", () => {
    if (Buffer.isBuffer(ec.privateKey)) throw new Error("an EC key is a key pair")
    const der = signOctets("sha256", Buffer.from(input), { key: ec.privateKey, dsaEncoding: "der" })
    expect(isSignature("ES256", keyOf(ec.jwk), input, der)).toBe(false)
    expect(isSignature("ES256", keyOf(ec.jwk), input, Buffer.alloc(64))).toBe(false)
    expect(isSignature("ES256", keyOf(ec.jwk), input, octets(signatureOf("ES256", ec.privateKey, input)))).toBe(true)
  })
})
