import { calculateJwkThumbprint, type JWK } from "jose"
import { callJson, defaultTimeoutMs, isRecord, originOf, type Fetch } from "./call.ts"
import { OAuthError } from "./errors.ts"
import { hasForgeableExponent, verificationKey, type VerificationKey } from "./key.ts"

export interface KeySetOptions {
  /** Where the keys are; a function where the address has to be discovered first. */
  jwksUri: string | (() => Promise<string>)
  fetch?: Fetch
  now?: () => number
  timeoutMs?: number
  /** Age after which the set is read again (default 600 s). The last good set stays in use while that fails. */
  maxAgeMs?: number
  /** An unknown key id, or a failed reading, causes a new one only this long after the last (default 30 s). */
  cooldownMs?: number
}

export interface KeySetCounters {
  /** Lookups of a key: `jwks_cache_request_total`. */
  readonly requests: number
  /** Lookups that had to wait for a reading of the key set: `jwks_cache_miss_total`. */
  readonly misses: number
}

const keysMax = 100
/** With no key at hand at all, a failed reading may be tried again this soon. */
const emptyCooldownMs = 1_000

/**
 * The keys of one issuer: cached, read again when old or when a token names an unknown key, single flight. A reply that
 * no honest issuer sends (a secret in it, one key id twice, a known id with other key material, e = 1) is refused whole
 * and the last good set stays.
 */
export class KeySet {
  readonly #options: KeySetOptions
  #keys: readonly VerificationKey[] = []
  #thumbprints: ReadonlyMap<string, string> = new Map()
  #readAt: number | undefined
  #triedAt: number | undefined
  #reading: Promise<void> | undefined
  #requests = 0
  #misses = 0

  constructor(options: KeySetOptions) {
    this.#options = options
  }

  counters(): KeySetCounters {
    return { requests: this.#requests, misses: this.#misses }
  }

  /**
   * The keys that may verify a token with this `kid` and `alg`: all that fit where the token names none. Rejects only
   * when there is no key set at all and none can be had.
   */
  async find(kid: string | undefined, alg: string): Promise<readonly VerificationKey[]> {
    this.#requests++
    const isOld = this.#readAt === undefined || this.#now() - this.#readAt >= (this.#options.maxAgeMs ?? 600_000)
    let waited = false
    if (isOld && this.#mayRead()) {
      waited = true
      await this.#read()
    }
    const found = this.#pick(kid, alg)
    if (found.length > 0 || kid === undefined || waited || !this.#mayRead()) {
      if (waited) this.#misses++
      return found
    }
    this.#misses++
    await this.#read()
    return this.#pick(kid, alg)
  }

  #pick(kid: string | undefined, alg: string): VerificationKey[] {
    return this.#keys.filter((key) =>
      kid === undefined ? key.unusable === undefined && key.algorithms.includes(alg) : key.kid === kid,
    )
  }

  #mayRead(): boolean {
    if (this.#reading !== undefined) return true
    const pause = this.#readAt === undefined ? emptyCooldownMs : (this.#options.cooldownMs ?? 30_000)
    return this.#triedAt === undefined || this.#now() - this.#triedAt >= pause
  }

  async #read(): Promise<void> {
    this.#triedAt = this.#reading === undefined ? this.#now() : this.#triedAt
    this.#reading ??= this.#load().finally(() => (this.#reading = undefined))
    try {
      await this.#reading
    } catch (error) {
      if (this.#readAt === undefined) throw error
    }
  }

  async #load(): Promise<void> {
    const { jwksUri, timeoutMs } = this.#options
    const url = typeof jwksUri === "string" ? jwksUri : await jwksUri()
    const fetch: Fetch = (address, init) => (this.#options.fetch ?? globalThis.fetch)(address, init)
    const init = { headers: { accept: "application/jwk-set+json, application/json" } }
    const answer = await callJson(fetch, url, init, timeoutMs ?? defaultTimeoutMs)
    if (answer.status !== 200) {
      throw new OAuthError("key_set_unavailable", `${originOf(url)} answered ${answer.status} for its key set`, {
        transient: true,
        evidence: { status: answer.status },
      })
    }
    const jwks = acceptable(answer.body)
    const thumbprints = await identities(jwks)
    for (const [kid, thumbprint] of thumbprints) {
      const before = this.#thumbprints.get(kid)
      if (before !== undefined && before !== thumbprint)
        throw refused("a known key id came with other key material", { kid })
    }
    this.#keys = jwks.map(verificationKey)
    this.#thumbprints = thumbprints
    this.#readAt = this.#now()
  }

  #now(): number {
    return (this.#options.now ?? Date.now)()
  }
}

const refused = (why: string, evidence: Record<string, unknown> = {}): OAuthError =>
  new OAuthError("key_set_refused", `The key set was refused: ${why}`, { evidence })

/** RFC 7517 section 5, without what no issuer's published set may hold. */
function acceptable(body: unknown): JWK[] {
  const keys = isRecord(body) ? body["keys"] : undefined
  if (!Array.isArray(keys)) throw refused("it is not a JSON object with keys")
  if (keys.length > keysMax) throw refused(`it holds ${keys.length} keys, ${keysMax} are the most`)
  const seen = new Set<string>()
  return keys.map((key: unknown) => {
    if (!isRecord(key) || typeof key["kty"] !== "string") throw refused("a member is no key")
    if (key["kty"] === "oct" || "k" in key) throw refused("it holds a symmetric key")
    if (["d", "p", "q", "dp", "dq", "qi", "oth"].some((member) => member in key))
      throw refused("it holds a private key")
    const { kid } = key
    if (kid !== undefined && typeof kid !== "string") throw refused("a key id is not a text")
    if (kid !== undefined && seen.has(kid)) throw refused("one key id stands twice", { kid })
    if (kid !== undefined) seen.add(kid)
    const jwk = key as JWK
    if (hasForgeableExponent(jwk)) throw refused("an RSA exponent is unsafe", { kid })
    return jwk
  })
}

async function identities(jwks: readonly JWK[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const jwk of jwks) {
    if (jwk.kid === undefined) continue
    // A key of unknown type has no thumbprint; it never verifies anything either.
    const thumbprint = await calculateJwkThumbprint(jwk).catch(() => undefined)
    if (thumbprint !== undefined) found.set(jwk.kid, thumbprint)
  }
  return found
}
