/** V6: the signature algorithms that exist here; names are case-sensitive (RFC 7518 section 3.1, RFC 8037, RFC 9864). */
export const rsaAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] as const
export const hmacAlgorithms = ["HS256", "HS384", "HS512"] as const
export const edwardsAlgorithms = ["EdDSA", "Ed25519"] as const

export interface Curve {
  readonly algorithm: "ES256" | "ES384" | "ES512"
  /** Octets of one coordinate; a signature is exactly two of them (RFC 7518 section 3.4). */
  readonly octets: number
}

export const curves: ReadonlyMap<string, Curve> = new Map([
  ["P-256", { algorithm: "ES256", octets: 32 }],
  ["P-384", { algorithm: "ES384", octets: 48 }],
  ["P-521", { algorithm: "ES512", octets: 66 }],
])

export const asymmetricAlgorithms: readonly string[] = [
  ...rsaAlgorithms,
  "ES256",
  "ES384",
  "ES512",
  ...edwardsAlgorithms,
]

export const knownAlgorithms: ReadonlySet<string> = new Set([...asymmetricAlgorithms, ...hmacAlgorithms])

export const isSymmetric = (algorithm: string): boolean => (hmacAlgorithms as readonly string[]).includes(algorithm)

/** "none" in any letter case: somebody's parser may fold it, so ours names it. */
export const isNone = (algorithm: unknown): boolean =>
  typeof algorithm === "string" && algorithm.toLowerCase() === "none"

/** Bits of the hash, for key and salt lengths. Ed25519 has its own and never asks. */
export const hashBits = (algorithm: string): 256 | 384 | 512 =>
  algorithm.endsWith("512") ? 512 : algorithm.endsWith("384") ? 384 : 256
