import { createHash, createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from "node:crypto"
import { canonicalJson, isObject } from "../base/json.ts"
import { curves, edwardsAlgorithms, hmacAlgorithms, rsaAlgorithms } from "./algorithms.ts"
import { decodeBase64url } from "./base64url.ts"
import { ed25519Problem } from "./edwards.ts"
import { guessable } from "./guessable.ts"
import { isPrivateJwk } from "./private-jwk.ts"
import { exponentProblem, modulusProblem, readRsaNumbers } from "./rsa.ts"

type Jwk = Readonly<Record<string, unknown>>

/** One key of a set, judged. Only a key without problems may ever pass a token; the others explain. */
export interface JudgedKey {
  readonly kid: string | null
  readonly kty: string
  /** What its `alg`, else its type and curve, permit (V5). Empty: no signature algorithm at all. */
  readonly algorithms: readonly string[]
  /** V7: `use` and `key_ops` allow it to verify. */
  readonly verifies: boolean
  /** Why it must not be trusted, each a half sentence: `its modulus has 1024 bits, ...`. */
  readonly problems: readonly string[]
  /** Octets of the RSA modulus or of one EC coordinate; 0 elsewhere. */
  readonly octets: number
  /** RFC 7638, SHA-256, base64url; null when required members are missing. Tells whether two keys are the same material. */
  readonly thumbprint: string | null
  readonly material: KeyObject | null
}

export interface KeySet {
  /** `issuer`: its published set. `caller`: handed in for one check, the only place for an HMAC key. */
  readonly origin: "issuer" | "caller"
  readonly keys: readonly JudgedKey[]
  /** Why no key of this reply may be used (V20); null for a sound set. */
  readonly refused: string | null
  /** Whether the caller handed in one key, to be used as given (V13). */
  readonly single: boolean
  readonly warnings: readonly string[]
}

const keysMax = 100

/**
 * Judges a key set (V7 to V10, V20). Total: whatever the input, the answer is a set, perhaps a refused one.
 *
 * @param reply the parsed JSON of a JWK Set (RFC 7517 section 5); a caller may hand in a single JWK too.
 * @param last the set last taken from the same issuer and address: a known kid must keep its key material.
 */
export function readKeySet(reply: unknown, origin: KeySet["origin"], last?: KeySet): KeySet {
  const set = (keys: readonly JudgedKey[], refused: string | null, more: Partial<KeySet> = {}): KeySet => ({
    origin,
    keys,
    refused,
    single: false,
    warnings: [],
    ...more,
  })
  const single = origin === "caller" && isObject(reply) && !("keys" in reply) && "kty" in reply
  const list: unknown = single ? [reply] : isObject(reply) ? reply["keys"] : undefined
  if (!Array.isArray(list)) return set([], "it is not a JSON Web Key Set: there is no list of keys")
  if (list.length > keysMax)
    return set([], `it holds ${String(list.length)} keys, at most ${String(keysMax)} are taken`)
  const jwks = list.filter(isObject)
  if (jwks.length !== list.length) return set([], "a member of its key list is not an object")
  const warnings: string[] = []
  const exposed = jwks.some((jwk) => jwk["kty"] !== "oct" && isPrivateJwk(jwk))
  if (exposed && origin === "caller")
    warnings.push("Private members of the key were dropped: verification needs the public part only.")
  const keys = jwks.map(judge)
  return set(keys, refusal(jwks, keys, origin, exposed, last), { single, warnings })
}

function refusal(
  jwks: readonly Jwk[],
  keys: readonly JudgedKey[],
  origin: KeySet["origin"],
  exposed: boolean,
  last?: KeySet,
): string | null {
  const symmetric = jwks.filter((jwk) => jwk["kty"] === "oct").length
  if (origin === "issuer" && symmetric > 0) return "it publishes a symmetric key: everybody could sign with it"
  if (origin === "issuer" && exposed) return "it publishes a private key: everybody could sign with it"
  if (symmetric > 0 && symmetric < jwks.length) return "it mixes symmetric and asymmetric keys"
  const known = new Map(last?.keys.map((key) => [key.kid, key.thumbprint]))
  const seen = new Set<string>()
  for (const { kid, thumbprint } of keys) {
    if (kid === null) continue
    if (seen.has(kid)) return `it has the kid ${quote(kid)} twice`
    seen.add(kid)
    const before = known.get(kid)
    if (before !== undefined && before !== thumbprint)
      return `the known kid ${quote(kid)} came back with other key material`
  }
  for (const jwk of jwks) {
    const numbers = jwk["kty"] === "RSA" ? readRsaNumbers(jwk) : null
    const problem = numbers && "exponent" in numbers ? exponentProblem(numbers.exponent) : null
    if (problem) return `one key is unsafe: ${problem}`
  }
  return null
}

/** A text of others, cut and quoted so that control characters show. */
export const quote = (text: string): string => JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)

interface Judged {
  readonly algorithms: readonly string[]
  readonly problems: readonly (string | null)[]
  readonly octets?: number
  readonly material?: KeyObject | null
}

function judge(jwk: Jwk): JudgedKey {
  const byType = judgeByType(jwk)
  const kid = typeof jwk["kid"] === "string" ? jwk["kid"] : null
  const alg = jwk["alg"]
  const algorithms = alg === undefined ? byType.algorithms : byType.algorithms.filter((name) => name === alg)
  const use = useProblem(jwk)
  const problems = [
    ...byType.problems,
    use,
    algorithms.length === 0 && byType.algorithms.length > 0
      ? `it is marked for the algorithm ${shown(alg)}, which its type does not sign with`
      : null,
    jwk["kid"] !== undefined && kid === null ? "its kid is not a string" : null,
  ].filter((problem) => problem !== null)
  return {
    kid,
    kty: typeof jwk["kty"] === "string" ? jwk["kty"] : "unknown",
    algorithms,
    verifies: use === null,
    problems,
    octets: byType.octets ?? 0,
    thumbprint: thumbprint(jwk),
    material: byType.material ?? null,
  }
}

const shown = (value: unknown): string => (typeof value === "string" ? quote(value) : "that is not a string")

function useProblem(jwk: Jwk): string | null {
  const { use, key_ops: operations } = jwk
  if (use !== undefined && use !== "sig") return `it is marked for another use (${shown(use)})`
  if (operations === undefined) return null
  if (!Array.isArray(operations) || operations.length > 16) return "its key_ops is not a list"
  const privateOrSecret = jwk["kty"] === "oct" || "d" in jwk
  if (operations.includes("verify") || (privateOrSecret && operations.includes("sign"))) return null
  return "its key_ops do not contain verify"
}

function judgeByType(jwk: Jwk): Judged {
  switch (jwk["kty"]) {
    case "RSA":
      return judgeRsa(jwk)
    case "EC":
      return judgeEc(jwk)
    case "OKP":
      return judgeOkp(jwk)
    case "oct":
      return judgeOct(jwk)
    default:
      return { algorithms: [], problems: [`its type ${shown(jwk["kty"])} is not one that we verify with`] }
  }
}

function judgeRsa(jwk: Jwk): Judged {
  const numbers = readRsaNumbers(jwk)
  if ("problem" in numbers) return { algorithms: rsaAlgorithms, problems: [numbers.problem] }
  return {
    algorithms: rsaAlgorithms,
    problems: [exponentProblem(numbers.exponent), modulusProblem(numbers)],
    octets: Math.ceil(numbers.modulus.toString(2).length / 8),
    material: importPublic({ kty: "RSA", n: jwk["n"] as string, e: jwk["e"] as string }),
  }
}

function judgeEc(jwk: Jwk): Judged {
  const curve = typeof jwk["crv"] === "string" ? curves.get(jwk["crv"]) : undefined
  if (!curve) return { algorithms: [], problems: [`its curve ${shown(jwk["crv"])} is not one that we verify with`] }
  const { algorithm, octets } = curve
  const x = readOctets(jwk["x"])
  const y = readOctets(jwk["y"])
  if (x?.length !== octets || y?.length !== octets) {
    return { algorithms: [algorithm], problems: [`its coordinates are not ${String(octets)} octets long each`] }
  }
  // OpenSSL refuses a point that is not on the curve (RFC 7518 section 6.2.1, RFC 8725 section 3.4).
  const material = importPublic({ kty: "EC", crv: jwk["crv"] as string, x: jwk["x"] as string, y: jwk["y"] as string })
  return { algorithms: [algorithm], problems: [material ? null : "its point is not on its curve"], octets, material }
}

function judgeOkp(jwk: Jwk): Judged {
  if (jwk["crv"] !== "Ed25519")
    return { algorithms: [], problems: [`its curve ${shown(jwk["crv"])} is not one that we verify with`] }
  const point = readOctets(jwk["x"])
  const problem = point ? ed25519Problem(point) : "its point is not base64url"
  const material = point?.length === 32 ? importPublic({ kty: "OKP", crv: "Ed25519", x: jwk["x"] as string }) : null
  return { algorithms: edwardsAlgorithms, problems: [problem ?? (material ? null : "it cannot be read")], material }
}

function judgeOct(jwk: Jwk): Judged {
  const octets = readOctets(jwk["k"])
  if (!octets || octets.length === 0)
    return { algorithms: hmacAlgorithms, problems: ["its secret (k) is not base64url"] }
  const reason = guessable(octets)
  // Whether it is long enough depends on the hash: select.ts asks that (V10).
  return {
    algorithms: hmacAlgorithms,
    problems: [reason && `it can be guessed: ${reason}`],
    octets: octets.length,
    material: createSecretKey(octets),
  }
}

function readOctets(text: unknown): Uint8Array | null {
  if (typeof text !== "string" || text.length > 8192) return null
  const decoded = decodeBase64url(text)
  return "bytes" in decoded ? decoded.bytes : null
}

function importPublic(key: JsonWebKey): KeyObject | null {
  try {
    return createPublicKey({ key, format: "jwk" })
  } catch {
    return null
  }
}

const thumbprintMembers: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["RSA", ["e", "kty", "n"]],
  ["EC", ["crv", "kty", "x", "y"]],
  ["OKP", ["crv", "kty", "x"]],
  ["oct", ["k", "kty"]],
])

/** RFC 7638 section 3: SHA-256 over the required members, base64url. Null when one of them is not a string. */
export function thumbprint(jwk: Jwk): string | null {
  const names = thumbprintMembers.get(jwk["kty"])
  if (!names || names.some((name) => typeof jwk[name] !== "string")) return null
  const required = Object.fromEntries(names.map((name) => [name, jwk[name]]))
  return createHash("sha256").update(canonicalJson(required)).digest("base64url")
}
