/** The field and the curve constant of Ed25519: -x² + y² = 1 + d x² y² modulo p (RFC 8032 section 5.1). */
const p = 2n ** 255n - 19n
const mod = (value: bigint): bigint => ((value % p) + p) % p

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  let square = mod(base)
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square)
    square = mod(square * square)
  }
  return result
}

const d = mod(-121665n * power(121666n, p - 2n))

/**
 * V9 for OKP keys: 32 octets, the one encoding of a point of the curve, and not of small order (under such a key a
 * signature of any message can be made up). Answers what is wrong, or null.
 */
export function ed25519Problem(point: Uint8Array): string | null {
  if (point.length !== 32) return `its point has ${String(point.length)} octets, Ed25519 needs 32`
  const encoded = BigInt(`0x${Buffer.from(point).reverse().toString("hex")}`)
  const y = encoded & (2n ** 255n - 1n)
  if (y >= p) return "its point is not encoded canonically"
  const yy = mod(y * y)
  // Orders 1 and 2: y = 1, -1. Order 4: y = 0. Order 8: doubling gives y = 0, so x² = -y², and the curve says the rest.
  if (yy === 1n || yy === 0n || mod(d * yy * yy + 2n * yy - 1n) === 0n)
    return "its point has small order: signatures can be made up"
  // x² = (y² - 1) / (d y² + 1) must be a square; so must the product of both (Euler's criterion).
  const isOnCurve = power(mod(yy - 1n) * mod(d * yy + 1n), (p - 1n) / 2n) === 1n
  return isOnCurve ? null : "its point is not on the curve Ed25519"
}
