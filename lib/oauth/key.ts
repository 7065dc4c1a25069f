import { base64url, importJWK, type JWK } from "jose"

/** A public key of an issuer, and why it may not be used if so. */
export interface VerificationKey {
  readonly kid: string | undefined
  /** What the key may verify: its own `alg`, else what its type and curve permit (RFC 7518 section 3.1, RFC 8037, RFC 9864). */
  readonly algorithms: readonly string[]
  /** A sentence when the key is too weak or not meant for signatures; such a key never verifies anything. */
  readonly unusable: string | undefined
  readonly load: (alg: string) => ReturnType<typeof importJWK>
}

const curves: Readonly<Record<string, { algorithms: readonly string[]; bytes: number }>> = {
  "P-256": { algorithms: ["ES256"], bytes: 32 },
  "P-384": { algorithms: ["ES384"], bytes: 48 },
  "P-521": { algorithms: ["ES512"], bytes: 66 },
  Ed25519: { algorithms: ["EdDSA", "Ed25519"], bytes: 32 },
}
const rsaAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]

/** Every asymmetric signature algorithm that this package verifies. Symmetric ones and `none` are not among them. */
export const verifiableAlgorithms: readonly string[] = [
  ...rsaAlgorithms,
  ...Object.values(curves).flatMap((curve) => curve.algorithms),
]

export function verificationKey(jwk: JWK): VerificationKey {
  const byType = permitted(jwk)
  const algorithms = jwk.alg === undefined ? byType : byType.filter((alg) => alg === jwk.alg)
  const loaded = new Map<string, ReturnType<typeof importJWK>>()
  return {
    kid: jwk.kid,
    algorithms,
    unusable: weakness(jwk, byType, algorithms),
    load(alg) {
      const known = loaded.get(alg) ?? importJWK(publicPart(jwk), alg)
      loaded.set(alg, known)
      return known
    },
  }
}

function permitted(jwk: JWK): readonly string[] {
  if (jwk.kty === "RSA") return rsaAlgorithms
  const curve = jwk.crv === undefined || !Object.hasOwn(curves, jwk.crv) ? undefined : curves[jwk.crv]
  return curve !== undefined && jwk.kty === (jwk.crv === "Ed25519" ? "OKP" : "EC") ? curve.algorithms : []
}

function weakness(jwk: JWK, byType: readonly string[], algorithms: readonly string[]): string | undefined {
  if (byType.length === 0)
    return `Keys of type ${String(jwk.kty)} ${jwk.crv ?? ""} are not used here`.replace("  ", " ")
  if (algorithms.length === 0) return `The key's own algorithm ${String(jwk.alg)} does not fit its type`
  if (jwk.use !== undefined && jwk.use !== "sig") return "The key is not meant for signatures"
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes("verify")))
    return "The key may not verify"
  return jwk.kty === "RSA" ? rsaWeakness(jwk) : curveWeakness(jwk)
}

function rsaWeakness(jwk: JWK): string | undefined {
  const n = integer(jwk.n)
  if (n === undefined || integer(jwk.e) === undefined) return "The key is incomplete"
  const bits = n.toString(2).length
  if (bits < 2048) return `The RSA modulus has ${bits} bits, 2048 are the least`
  return isKnownWeak(n) ? "The key comes from the generator of CVE-2017-15361" : undefined
}

function curveWeakness(jwk: JWK): string | undefined {
  const bytes = curves[jwk.crv ?? ""]?.bytes
  const coordinates = jwk.kty === "EC" ? [jwk.x, jwk.y] : [jwk.x]
  return coordinates.every((part) => octets(part)?.length === bytes) ? undefined : "A coordinate has the wrong length"
}

/** e = 1 lets anybody forge, an even e is no exponent, a small odd one is a known risk (FIPS 186-5 appendix A.1.1). */
export function hasForgeableExponent(jwk: JWK): boolean {
  if (jwk.kty !== "RSA") return false
  const e = integer(jwk.e)
  return e === undefined || e < 65_537n || e % 2n === 0n
}

/** CVE-2017-15361: n modulo every odd prime up to 167 lies in the group that 65537 generates. */
function isKnownWeak(n: bigint): boolean {
  return oddPrimes.every((prime) => subgroup(prime).has(Number(n % BigInt(prime))))
}

const oddPrimes = Array.from({ length: 83 }, (_, index) => 2 * index + 3).filter((candidate) => {
  for (let divisor = 3; divisor * divisor <= candidate; divisor += 2) if (candidate % divisor === 0) return false
  return true
})

function subgroup(prime: number): Set<number> {
  const members = new Set<number>()
  for (let power = 1; !members.has(power); power = (power * 65_537) % prime) members.add(power)
  return members
}

function octets(text: unknown): Uint8Array | undefined {
  try {
    return typeof text === "string" ? base64url.decode(text) : undefined
  } catch {
    return undefined
  }
}

function integer(text: unknown): bigint | undefined {
  const bytes = octets(text)
  if (bytes === undefined || bytes.length === 0) return undefined
  return BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`)
}

function publicPart(jwk: JWK): JWK {
  const { kty, n, e, crv, x, y } = jwk
  const part = { kty, n, e, crv, x, y }
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as unknown as JWK
}
