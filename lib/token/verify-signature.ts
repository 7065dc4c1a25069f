import { constants, createHmac, timingSafeEqual, verify } from "node:crypto"
import { curves, hashBits, isSymmetric } from "./algorithms.ts"
import type { JudgedKey } from "./keys.ts"

/**
 * Whether the octets are a signature of `input` under this key: mathematics only, no judgement of the key.
 * The algorithm must be one that the key permits; the caller has checked that (V5). Never throws.
 *
 * PKCS#1 v1.5: the whole encoded block is compared (OpenSSL). PSS: MGF1 and salt as long as the hash. ECDSA: raw r‖s of
 * exactly two coordinates, never DER. Ed25519: canonical S. (V11; RFC 7518 sections 3.2 to 3.5, RFC 8037 section 3.1)
 */
export function isSignature(algorithm: string, key: JudgedKey, input: string, signature: Uint8Array): boolean {
  if (!key.material || !key.algorithms.includes(algorithm)) return false
  const data = Buffer.from(input, "ascii")
  const hash = `sha${String(hashBits(algorithm))}`
  try {
    if (isSymmetric(algorithm)) {
      const expected = createHmac(hash, key.material).update(data).digest()
      return expected.length === signature.length && timingSafeEqual(expected, signature)
    }
    switch (key.kty) {
      case "RSA":
        if (signature.length !== key.octets) return false
        return verify(hash, data, { key: key.material, ...padding(algorithm) }, signature)
      case "EC":
        if (signature.length !== 2 * key.octets || !isOnItsCurve(algorithm, key.octets)) return false
        return verify(hash, data, { key: key.material, dsaEncoding: "ieee-p1363" }, signature)
      case "OKP":
        return signature.length === 64 && verify(null, data, key.material, signature)
      default:
        return false
    }
  } catch {
    return false
  }
}

const padding = (algorithm: string) =>
  algorithm.startsWith("PS")
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { padding: constants.RSA_PKCS1_PADDING }

const isOnItsCurve = (algorithm: string, octets: number): boolean =>
  [...curves.values()].some((curve) => curve.algorithm === algorithm && curve.octets === octets)
