import { isNone, isSymmetric, knownAlgorithms } from "../algorithms.ts"
import { fail, pass, skip, type JwsCheck, type TokenContext } from "../check.ts"
import { quote } from "../keys.ts"

/** V5 and V6: the token's `alg` is compared, it selects nothing. */
export const algorithm: JwsCheck = {
  name: "algorithm",
  title: "Algorithm allowed",
  source: "RFC 8725 sections 3.1 and 3.2; RFC 7518 section 3.1",
  layer: "jws",
  run: ({ header: { alg } }, context) => {
    if (alg === undefined) return fail("The header names no algorithm (alg).")
    if (typeof alg !== "string") return fail("The header's alg is not a string.")
    if (isNone(alg)) return fail(`alg is ${quote(alg)}: the token is not secured, anybody could have written it.`)
    const allowed = allowedAlgorithms(context)
    if (allowed === null) {
      return knownAlgorithms.has(alg)
        ? skip(`alg is ${alg}; there is no issuer or key that says which one is right.`)
        : fail(unknown(alg))
    }
    if (allowed.includes(alg)) return pass(`alg is ${alg}, one of those allowed: ${allowed.join(", ")}.`)
    if (!knownAlgorithms.has(alg)) return fail(unknown(alg))
    const confusion = isSymmetric(alg)
      ? " An HMAC never mixes with an issuer's public keys: this is how algorithm confusion looks."
      : ""
    return fail(`alg is ${alg}, allowed are ${allowed.length === 0 ? "none" : allowed.join(", ")}.${confusion}`)
  },
}

const unknown = (alg: string) =>
  `alg ${quote(alg)} is none of the signature algorithms of RFC 7518, RFC 8037 and RFC 9864 that we verify; names are case-sensitive.`

/** Null when nothing says which algorithms are right. HMAC only ever under a key that the caller handed in (V10). */
export function allowedAlgorithms({ algorithms, keys }: TokenContext): readonly string[] | null {
  const symmetric = keys?.origin === "caller" && keys.keys.some((key) => key.kty === "oct")
  if (keys === undefined) return algorithms?.filter((name) => !isSymmetric(name) && knownAlgorithms.has(name)) ?? null
  const byKeys = new Set(keys.keys.flatMap((key) => key.algorithms))
  const configured = (algorithms ?? [...knownAlgorithms]).filter((name) => symmetric || !isSymmetric(name))
  return keys.keys.length === 0 ? configured : configured.filter((name) => byKeys.has(name))
}
