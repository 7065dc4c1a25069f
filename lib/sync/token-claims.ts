/** What a token shows of what was planned. Pure. The token comes straight from its provider, so nothing is verified here. */
import { isObject } from "../base/json.ts"
import { callerOf } from "../token/caller.ts"
import { decode, type Members } from "../token/decode.ts"
import { scopesOf } from "../token/scopes.ts"

/** What the token should say. Null: the provider does not hold it, so nothing was planned. */
export interface Planned {
  readonly clientId: string
  readonly audience: string | null
  /** As they were asked for. */
  readonly scopes: readonly string[]
  /** Of the same audience, and not granted. */
  readonly withheld: readonly string[]
  /** The grant is held exactly: then more than was asked for, or another audience, is a fault. */
  readonly exact: boolean
  readonly lifetimeSeconds: number | null
  readonly alg: string | null
  readonly opaque: boolean
}

/** The token as it came, and what introspection told of one that cannot be read. */
export interface Shown {
  readonly token: string
  readonly expiresInSeconds: number
  readonly introspected: Members | null
}

/** The provider counts whole seconds, and the request took some. */
const lifetimeToleranceSeconds = 5

/** Every claim that is not as it was planned, a half sentence each; none: it is. */
export function deviations(planned: Planned, shown: Shown): string[] {
  const decoded = decode(shown.token)
  const jws = decoded.form === "jws" && decoded.payload.claims !== null ? decoded : null
  const claims = jws?.payload.claims ?? shown.introspected
  return [
    ...(planned.opaque === (decoded.form === "opaque")
      ? []
      : [
          planned.opaque ? "it can be read, and an opaque one was planned" : "it cannot be read, and a JWT was planned",
        ]),
    ...(jws && planned.alg !== null && jws.header["alg"] !== planned.alg
      ? [`it is signed with ${text(jws.header["alg"])} instead of ${planned.alg}`]
      : []),
    ...lifetime(planned, claims, shown.expiresInSeconds),
    ...(claims === null ? [] : [...caller(planned, claims), ...audience(planned, claims), ...scopes(planned, claims)]),
  ]
}

function caller({ clientId }: Planned, claims: Members): string[] {
  const who = callerOf(claims)
  return who === null || who === clientId ? [] : [`it names the client ${who} instead of ${clientId}`]
}

function audience({ audience: wanted, exact }: Planned, { aud }: Members): string[] {
  if (wanted === null) return []
  const named = Array.isArray(aud) ? aud : aud === undefined ? [] : [aud]
  if (!exact) return []
  if (!named.includes(wanted))
    return [`its audience is ${named.length === 0 ? "not there" : named.map(text).join(", ")} instead of ${wanted}`]
  return named.length > 1 ? [`it is for ${named.length} audiences instead of one`] : []
}

/** A word may be stored as `{audience}/{scope}`, where its own name was taken (contract.md section 4). */
function scopes({ scopes: wanted, withheld, exact }: Planned, claims: Members): string[] {
  const { scopes: carried, from } = scopesOf(claims)
  if (from.length === 0) return wanted.length === 0 ? [] : ["it carries no scope"]
  const has = (word: string) => [...carried].some((one) => one === word || one.endsWith(`/${word}`))
  const lacks = wanted.filter((word) => !has(word))
  const more = exact ? withheld.filter(has) : []
  return [
    ...(lacks.length > 0 ? [`it lacks ${lacks.join(", ")}`] : []),
    ...(more.length > 0 ? [`it carries ${more.join(", ")} too`] : []),
  ]
}

function lifetime({ lifetimeSeconds }: Planned, claims: Members | null, expiresInSeconds: number): string[] {
  if (lifetimeSeconds === null) return []
  const { exp, iat } = claims ?? {}
  const lives = typeof exp === "number" && typeof iat === "number" ? exp - iat : expiresInSeconds
  return Math.abs(lives - lifetimeSeconds) <= lifetimeToleranceSeconds
    ? []
    : [`it lives for ${Math.round(lives)} s instead of ${lifetimeSeconds} s`]
}

const text = (value: unknown): string =>
  (typeof value === "string" ? value : isObject(value) ? "an object" : String(value)).slice(0, 200)
