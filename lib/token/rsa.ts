import { decodeBase64url } from "./base64url.ts"

/** V8; NIST SP 800-131A. */
const modulusBitsMin = 2048
/** OpenSSL's own upper bound; a larger one only costs time. */
const modulusBitsMax = 16_384
const exponentMin = 65_537n
/** OpenSSL takes no larger exponent with a large modulus; nobody has one. */
const exponentMax = 2n ** 64n

export interface RsaNumbers {
  readonly modulus: bigint
  readonly exponent: bigint
}

/** RFC 7518 section 6.3.1: Base64urlUInt without leading zero octets. */
export function readRsaNumbers(jwk: Readonly<Record<string, unknown>>): RsaNumbers | { readonly problem: string } {
  const modulus = readInteger(jwk["n"])
  const exponent = readInteger(jwk["e"])
  if (modulus === null) return { problem: "its modulus (n) is not a base64url integer" }
  if (exponent === null) return { problem: "its exponent (e) is not a base64url integer" }
  return { modulus, exponent }
}

function readInteger(text: unknown): bigint | null {
  if (typeof text !== "string" || text === "" || text.length > 8192) return null
  const decoded = decodeBase64url(text)
  if ("problem" in decoded || decoded.bytes[0] === 0) return null
  return BigInt(`0x${Buffer.from(decoded.bytes).toString("hex")}`)
}

/** The exponents that make a whole key set untrustworthy (V20): with e = 1 anybody forges, an even e is no RSA at all. */
export function exponentProblem(exponent: bigint): string | null {
  if (exponent % 2n === 0n) return `its exponent e = ${short(exponent)} is even`
  if (exponent < exponentMin)
    return `its exponent e = ${short(exponent)} is below 65537${exponent === 1n ? ": anybody can forge its signatures" : ""}`
  return null
}

export function modulusProblem({ modulus, exponent }: RsaNumbers): string | null {
  const bits = modulus.toString(2).length
  if (bits < modulusBitsMin)
    return `its modulus has ${String(bits)} bits, at least ${String(modulusBitsMin)} are needed`
  if (bits > modulusBitsMax) return `its modulus has ${String(bits)} bits, at most ${String(modulusBitsMax)} are taken`
  if (exponent >= exponentMax) return "its exponent is larger than 64 bits"
  if (modulus % 2n === 0n) return "its modulus is even"
  if (isWeaklyGenerated(modulus))
    return "its modulus comes from the known-weak generator (CVE-2017-15361) and can be factored"
  return null
}

const short = (value: bigint): string =>
  value < 1_000_000n ? value.toString() : `${value.toString(2).length.toString()} bits`

const oddPrimes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
]

/** For each prime the residues that powers of 65537 reach. */
const reachable = oddPrimes.map((prime) => {
  const residues = new Set<number>()
  for (let power = 1; !residues.has(power); power = (power * (65_537 % prime)) % prime) residues.add(power)
  return { prime: BigInt(prime), residues }
})

/**
 * CVE-2017-15361 (Nemec and others, 2017): the weak generator makes primes k*M + (65537^a mod M), so its modulus is a
 * power of 65537 modulo every small prime. A sound modulus passes all 38 tests about once in 2^27.
 */
export const isWeaklyGenerated = (modulus: bigint): boolean =>
  reachable.every(({ prime, residues }) => residues.has(Number(modulus % prime)))
