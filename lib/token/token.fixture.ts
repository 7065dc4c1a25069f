import {
  constants,
  createHmac,
  generateKeyPairSync,
  randomBytes,
  sign as signOctets,
  type KeyObject,
} from "node:crypto"
import { hashBits, isSymmetric } from "./algorithms.ts"
import { encodeBase64url } from "./base64url.ts"
import type { TokenContext } from "./check.ts"
import { readKeySet } from "./keys.ts"

/** Keys and tokens for tests, made fresh in every run; nothing here is a vector of somebody else. */
export interface Signer {
  readonly kid: string
  readonly algorithms: readonly string[]
  readonly jwk: Readonly<Record<string, unknown>>
  readonly privateKey: KeyObject | Buffer
}

const pair = (
  kid: string,
  algorithms: readonly string[],
  made: { publicKey: KeyObject; privateKey: KeyObject },
): Signer => ({
  kid,
  algorithms,
  privateKey: made.privateKey,
  jwk: { ...made.publicKey.export({ format: "jwk" }), kid, use: "sig" },
})

export const rsaSigner = (kid: string, modulusLength = 2048): Signer =>
  pair(kid, ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], generateKeyPairSync("rsa", { modulusLength }))

export const ecSigner = (kid: string, curve: "P-256" | "P-384" | "P-521" = "P-256"): Signer =>
  pair(
    kid,
    [{ "P-256": "ES256", "P-384": "ES384", "P-521": "ES512" }[curve]],
    generateKeyPairSync("ec", { namedCurve: curve }),
  )

export const edSigner = (kid: string): Signer => pair(kid, ["EdDSA", "Ed25519"], generateKeyPairSync("ed25519"))

export function hmacSigner(kid: string, octets = 64): Signer {
  const secret = randomBytes(octets)
  return {
    kid,
    algorithms: ["HS256", "HS384", "HS512"],
    privateKey: secret,
    jwk: { kty: "oct", k: secret.toString("base64url"), kid },
  }
}

export const segmentOf = (value: unknown): string =>
  encodeBase64url(new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)))

export function signatureOf(algorithm: string, key: KeyObject | Buffer, input: string): string {
  const hash = `sha${String(hashBits(algorithm))}`
  const data = Buffer.from(input)
  if (isSymmetric(algorithm)) return createHmac(hash, key).update(data).digest("base64url")
  if (Buffer.isBuffer(key)) throw new TypeError("an asymmetric algorithm needs a key pair")
  if (algorithm.startsWith("Ed")) return signOctets(null, data, key).toString("base64url")
  if (algorithm.startsWith("ES"))
    return signOctets(hash, data, { key, dsaEncoding: "ieee-p1363" }).toString("base64url")
  if (algorithm.startsWith("RS")) return signOctets(hash, data, key).toString("base64url")
  const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return signOctets(hash, data, pss).toString("base64url")
}

/** A token over any header and payload; a payload given as text is taken as it stands. */
export function sign(signer: Signer, header: Readonly<Record<string, unknown>>, payload: unknown): string {
  const input = `${segmentOf(header)}.${segmentOf(payload)}`
  return `${input}.${signatureOf(String(header["alg"]), signer.privateKey, input)}`
}

export const now = 1_800_000_000
export const issuer = "https://issuer.example/realms/test"
export const audience = "https://payment-service.internal"

export const goodClaims = {
  iss: issuer,
  sub: "order-service",
  client_id: "order-service",
  aud: audience,
  scope: "payments:write",
  iat: now - 10,
  exp: now + 290,
  jti: "3f0c3a",
}

export const goodHeader = (signer: Signer, alg = signer.algorithms[0] ?? "") => ({
  alg,
  kid: signer.kid,
  typ: "at+jwt",
})

/** What an issuer's registry row would ask of `goodClaims`. */
export const contextFor = (...signers: readonly Signer[]): TokenContext => ({
  now,
  keys: readKeySet({ keys: signers.map((signer) => signer.jwk) }, "issuer"),
  issuer,
  audience: { mode: "exact", identifiers: [audience] },
  type: "at+jwt",
  profile: "rfc9068",
  lifetimeMax: 3600,
  client: { name: "order-service", enabled: true },
  grant: { scopes: ["payments:write"], audienceScopes: ["payments:write", "payments:read"] },
})

/** Milliseconds of processor time of the cheapest of five runs: what the work costs, whatever else the machine does meanwhile. */
export function quickest(work: () => unknown): number {
  return Math.min(
    ...Array.from({ length: 5 }, () => {
      const start = process.cpuUsage()
      work()
      const { user, system } = process.cpuUsage(start)
      return (user + system) / 1000
    }),
  )
}
