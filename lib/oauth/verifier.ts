import { compactVerify } from "jose"
import { defaultTimeoutMs, type Fetch } from "./call.ts"
import { audiencesOf, callerOf, missingScopes, scopesOf } from "./claims.ts"
import { parseCompact, type CompactToken } from "./compact.ts"
import { metadataOnce } from "./discovery.ts"
import { OAuthError, TokenRejected, type RejectionReason } from "./errors.ts"
import { verifiableAlgorithms, type VerificationKey } from "./key.ts"
import { KeySet, type KeySetCounters } from "./key-set.ts"

export interface VerifierOptions {
  /** Compared with `iss` character by character. */
  issuer: string
  /** The audience of this service, or its several names; one of them must be in `aud`. */
  audience: string | readonly string[]
  /** Pinned: the header is compared with this list and never chooses (default RS256 and ES256). */
  algorithms?: readonly string[]
  /** By default discovered from the issuer. */
  jwksUri?: string
  /** Leeway for `exp`, `nbf` and `iat` in seconds, 0 to 60 (default 30). */
  toleranceSeconds?: number
  /** Accept only `typ: at+jwt` (RFC 9068 section 4). By default `JWT` and an absent `typ` pass as well. */
  requireAccessTokenType?: boolean
  fetch?: Fetch
  now?: () => number
  /** Limit of one reading of the key set or the metadata (default 5 s). */
  timeoutMs?: number
  keySetMaxAgeMs?: number
  keySetCooldownMs?: number
}

/** A token that passed: what it says may be believed. */
export interface Verified {
  readonly claims: Readonly<Record<string, unknown>>
  readonly caller: string | undefined
  readonly subject: string | undefined
  readonly audiences: readonly string[]
  readonly scopes: readonly string[]
  readonly expiresAtMs: number
  readonly kid: string | undefined
}

/** What `requireScope` needs: a JWT verifier or an introspector. */
export interface TokenVerifier {
  /** Rejects with `TokenRejected` only. */
  readonly verify: (token: string) => Promise<Verified>
}

export interface Verifier extends TokenVerifier {
  readonly counters: () => KeySetCounters
}

/**
 * Verifies JWT access tokens of one issuer for one service: spelling, algorithm, key, signature, issuer, audience, type,
 * required claims and times, in this order; the first failure is the answer (RFC 9068 section 4, RFC 8725 section 3).
 *
 * Not done: revocation (use an introspector), sender constraints (`cnf`), encrypted tokens.
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const rules = rulesOf(options)
  const now = options.now ?? Date.now
  const keySet = new KeySet({
    jwksUri: options.jwksUri ?? discoveredKeySet(options),
    now,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.keySetMaxAgeMs === undefined ? {} : { maxAgeMs: options.keySetMaxAgeMs }),
    ...(options.keySetCooldownMs === undefined ? {} : { cooldownMs: options.keySetCooldownMs }),
  })

  return {
    counters: () => keySet.counters(),
    async verify(token) {
      const parsed = parseCompact(token)
      const { claims, alg, kid } = parsed
      const unproven = { claimed: claims, kid }
      if (!rules.algorithms.includes(alg)) {
        throw new TokenRejected(
          "algorithm_not_allowed",
          `The token is signed with ${alg.slice(0, 32)}, which is not allowed here`,
          unproven,
        )
      }
      const key = chosen(await lookUp(keySet, parsed), parsed)
      await checkSignature(token, key, parsed)
      checkClaims(parsed, rules, now())
      return {
        claims,
        kid,
        caller: callerOf(claims),
        subject: text(claims["sub"]),
        audiences: audiencesOf(claims),
        scopes: scopesOf(claims, rules.audiences),
        expiresAtMs: Number(claims["exp"]) * 1000,
      }
    },
  }
}

/** Throws 403 `Insufficient scope` unless every required scope is there. */
export function demandScopes(access: Verified, required: readonly string[]): void {
  const missing = missingScopes(required, access.scopes)
  if (missing.length === 0) return
  throw new TokenRejected("insufficient_scope", `The token lacks ${missing.join(" ")}`, {
    required,
    missing,
    claimed: access.claims,
    proven: true,
    kid: access.kid,
  })
}

interface Rules {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
  readonly toleranceSeconds: number
  readonly types: readonly (string | undefined)[]
}

function rulesOf(options: VerifierOptions): Rules {
  const audiences = typeof options.audience === "string" ? [options.audience] : options.audience
  const algorithms = options.algorithms ?? ["RS256", "ES256"]
  const toleranceSeconds = options.toleranceSeconds ?? 30
  const wrong = (why: string) => new OAuthError("bad_configuration", why)
  if (options.issuer === "") throw wrong("A verifier needs an issuer")
  if (audiences.length === 0 || audiences.includes("")) throw wrong("A verifier needs an audience")
  const foreign = algorithms.find((alg) => !verifiableAlgorithms.includes(alg))
  if (algorithms.length === 0 || foreign !== undefined)
    throw wrong(`${foreign ?? "No algorithm"} cannot be verified with a key set`)
  if (!(toleranceSeconds >= 0 && toleranceSeconds <= 60)) throw wrong("The tolerance is 0 to 60 seconds")
  const types = options.requireAccessTokenType ? accessTokenTypes : [...accessTokenTypes, "jwt", undefined]
  return { issuer: options.issuer, audiences, algorithms, toleranceSeconds, types }
}

const accessTokenTypes = ["at+jwt", "application/at+jwt"]

function discoveredKeySet(options: VerifierOptions): () => Promise<string> {
  const metadata = metadataOnce(options.issuer, {
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.now === undefined ? {} : { now: options.now }),
  })
  return async () => {
    const { jwksUri } = await metadata()
    if (jwksUri === undefined) throw new OAuthError("discovery_incomplete", "The issuer's metadata names no key set")
    return jwksUri
  }
}

async function lookUp(keySet: KeySet, { kid, alg, claims }: CompactToken): Promise<readonly VerificationKey[]> {
  try {
    return await keySet.find(kid, alg)
  } catch (cause) {
    throw new TokenRejected("keys_unavailable", "The issuer's keys cannot be read", { claimed: claims, kid, cause })
  }
}

function chosen(keys: readonly VerificationKey[], { kid, alg, claims }: CompactToken): VerificationKey {
  const unproven = { claimed: claims, kid }
  const [key, second] = keys
  if (key === undefined) throw new TokenRejected("unknown_key", "The issuer publishes no such key", unproven)
  if (second !== undefined) throw new TokenRejected("unknown_key", "The token names no key and several fit", unproven)
  if (key.unusable !== undefined) throw new TokenRejected("unknown_key", key.unusable, unproven)
  if (!key.algorithms.includes(alg))
    throw new TokenRejected("algorithm_not_allowed", `The key is not for ${alg}`, unproven)
  return key
}

async function checkSignature(token: string, key: VerificationKey, { alg, claims, kid }: CompactToken): Promise<void> {
  try {
    await compactVerify(token, await key.load(alg), { algorithms: [alg] })
  } catch (cause) {
    throw new TokenRejected("invalid_signature", "The signature does not belong to this token", {
      claimed: claims,
      kid,
      cause,
    })
  }
}

function checkClaims({ header, claims, kid }: CompactToken, rules: Rules, nowMs: number): void {
  const fail = (reason: RejectionReason, why: string) =>
    new TokenRejected(reason, why, { claimed: claims, proven: true, kid })
  if (claims["iss"] !== rules.issuer)
    throw fail("wrong_issuer", `The token is from ${shown(claims["iss"])}, expected ${rules.issuer}`)
  if (!audiencesOf(claims).some((one) => rules.audiences.includes(one))) {
    throw fail("wrong_audience", `The token is for ${shown(claims["aud"])}, expected ${rules.audiences.join(" or ")}`)
  }
  const typ = header["typ"]
  if (!rules.types.includes(typeof typ === "string" ? typ.toLowerCase() : (typ as undefined))) {
    throw fail("wrong_type", `A token of type ${shown(typ)} is no access token here`)
  }
  const idTokenMark = ["nonce", "at_hash", "c_hash"].find((name) => name in claims)
  if (idTokenMark !== undefined) throw fail("wrong_type", `The token carries ${idTokenMark}: it is an ID token`)
  const now = nowMs / 1000
  const { exp, nbf, iat } = claims
  if (exp === undefined) throw fail("missing_claim", "The token has no exp")
  for (const [name, value] of Object.entries({ exp, nbf, iat })) {
    if (value !== undefined && !(typeof value === "number" && Number.isFinite(value)))
      throw fail("malformed", `${name} is not a number`)
  }
  if (Number(exp) <= now - rules.toleranceSeconds) {
    throw fail(
      "expired",
      `The token expired ${Math.floor(now - Number(exp))} s ago, tolerance ${rules.toleranceSeconds} s`,
    )
  }
  if (typeof nbf === "number" && nbf > now + rules.toleranceSeconds) {
    throw fail("not_yet_valid", `The token is valid in ${Math.ceil(nbf - now)} s`)
  }
  if (typeof iat === "number" && iat > now + rules.toleranceSeconds) {
    throw fail("not_yet_valid", `The token was issued ${Math.ceil(iat - now)} s in the future`)
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** A claim's value for a sentence: short, and JSON, so that control characters are visible. */
const shown = (value: unknown): string =>
  value === undefined ? "nobody in particular" : JSON.stringify(value).slice(0, 256)
