import { hashBits, isSymmetric } from "./algorithms.ts"
import type { Members } from "./decode.ts"
import { quote, type JudgedKey, type KeySet } from "./keys.ts"

/** V12. */
const kidLengthMax = 256

export type Selection =
  /** `unsafe` says why the key must not be trusted: it is kept to explain the signature, never to pass it. */
  | { readonly is: "found"; readonly key: JudgedKey; readonly unsafe: string | null; readonly warning: string | null }
  | {
      readonly is: "missing"
      readonly code: "bad_kid" | "no_such_kid" | "wrong_key" | "no_key_fits" | "ambiguous"
      readonly why: string
    }
  /** There is no key to check against. */
  | { readonly is: "absent"; readonly why: string }

/**
 * Chooses the one key for a token (V5, V12 to V14). The token's `alg` never chooses the algorithm: it must be one that
 * the key permits. `kid` is compared exactly as a Map key and used for nothing else; no key is tried by luck.
 */
export function selectKey(header: Members, set: KeySet | undefined): Selection {
  if (!set) return { is: "absent", why: "No key to check against." }
  const { kid, alg } = header
  if (kid !== undefined && typeof kid !== "string")
    return { is: "missing", code: "bad_kid", why: "The kid is not a string." }
  if (kid !== undefined && kid.length > kidLengthMax) {
    return {
      is: "missing",
      code: "bad_kid",
      why: `The kid has ${String(kid.length)} characters, at most ${String(kidLengthMax)} are taken.`,
    }
  }
  const algorithm = typeof alg === "string" ? alg : ""
  const [only] = set.keys
  if (set.single && only) {
    const other = kid !== undefined && only.kid !== null && kid !== only.kid
    const warning = other
      ? `The token names the key ${quote(kid)}; the key handed in, ${quote(only.kid ?? "")}, was used as given.`
      : null
    return judged(only, algorithm, set, warning)
  }
  return kid === undefined ? withoutKid(algorithm, set) : withKid(kid, algorithm, set)
}

function withKid(kid: string, algorithm: string, set: KeySet): Selection {
  const byKid = new Map(set.keys.flatMap((key) => (key.kid === null ? [] : [[key.kid, key] as const])))
  const key = byKid.get(kid)
  if (!key) {
    const why =
      set.keys.length === 0 && set.refused
        ? `The key set was refused: ${set.refused}.`
        : `No key with the kid ${quote(kid)} among ${count(set.keys.length)}.`
    return { is: "missing", code: "no_such_kid", why }
  }
  return judged(key, algorithm, set, null)
}

/** V13: weak keys count as fitting, so that a verdict never improves when a key is made worse. */
function withoutKid(algorithm: string, set: KeySet): Selection {
  const fitting = set.keys.filter((key) => key.verifies && key.algorithms.includes(algorithm))
  const [only] = fitting
  if (!only)
    return {
      is: "missing",
      code: "no_key_fits",
      why: `The token names no key, and none of ${count(set.keys.length)} fits ${quote(algorithm)}.`,
    }
  if (fitting.length > 1) {
    return {
      is: "missing",
      code: "ambiguous",
      why: `The token names no key (kid), and ${count(fitting.length)} fit: ambiguous, so none is tried.`,
    }
  }
  return judged(only, algorithm, set, null)
}

function judged(key: JudgedKey, algorithm: string, set: KeySet, warning: string | null): Selection {
  const name = key.kid === null ? "The key" : `The key ${quote(key.kid)}`
  if (!key.verifies)
    return { is: "missing", code: "wrong_key", why: `${name} must not verify: ${key.problems.join("; ")}.` }
  if (!key.algorithms.includes(algorithm)) {
    const permitted =
      key.algorithms.length === 0 ? "for no signature algorithm that we know" : `for ${key.algorithms.join(", ")}`
    return { is: "missing", code: "wrong_key", why: `${name} is ${permitted}; the token says ${quote(algorithm)}.` }
  }
  const reasons = [
    ...(set.refused ? [`the whole key set was refused: ${set.refused}`] : []),
    ...key.problems,
    ...tooShort(key, algorithm),
  ]
  return { is: "found", key, unsafe: reasons.length === 0 ? null : reasons.join("; "), warning }
}

/** V10, RFC 7518 section 3.2. */
function tooShort(key: JudgedKey, algorithm: string): string[] {
  if (!isSymmetric(algorithm)) return []
  const needed = hashBits(algorithm) / 8
  return key.octets < needed
    ? [`its secret has ${String(key.octets)} octets, ${algorithm} needs at least ${String(needed)}`]
    : []
}

const count = (keys: number): string => (keys === 1 ? "1 key" : `${String(keys)} keys`)
