import { generateKeyPairSync, generateKeySync } from "node:crypto"
import { expect, test } from "vitest"
import { isPrivateJwk } from "./private-jwk.ts"

test.each([
  ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ["EC", generateKeyPairSync("ec", { namedCurve: "P-256" })],
  ["OKP", generateKeyPairSync("ed25519")],
])("a private %s key is told from its public half, and every secret member of it by itself", (_kty, pair) => {
  const open = pair.publicKey.export({ format: "jwk" })
  const whole = pair.privateKey.export({ format: "jwk" })
  expect(isPrivateJwk(open)).toBe(false)
  const secret = Object.entries(whole).filter(([member]) => !(member in open))
  expect(secret.length).toBeGreaterThan(0)
  for (const [member, value] of secret) expect(isPrivateJwk({ ...open, [member]: value })).toBe(true)
})

test("a symmetric key and further primes are private; what is no key is not", () => {
  expect(isPrivateJwk(generateKeySync("hmac", { length: 256 }).export({ format: "jwk" }))).toBe(true)
  expect(isPrivateJwk({ kty: "RSA", oth: [] })).toBe(true)
  expect([null, "d", ["d"], {}].map(isPrivateJwk)).toEqual([false, false, false, false])
})
