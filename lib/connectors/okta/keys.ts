import { canonicalJson, isObject, type Json } from "../../base/json.ts"
import { writable } from "./writable.ts"

/** The parts of a public signing key that Okta holds. RFC 7518 section 6. */
const parts = ["kty", "kid", "alg", "n", "e", "crv", "x", "y"]

export function keysOf(jwks: Json | undefined): readonly Record<string, unknown>[] {
  const keys = isObject(jwks) ? jwks.keys : undefined
  return Array.isArray(keys) ? keys.filter(isObject) : []
}

/** Not ours to see: what an administrator switched off, and keys by which Okta encrypts. */
const isHidden = (key: Readonly<Record<string, unknown>>): boolean => key.status === "INACTIVE" || key.use === "enc"

/** What Okta sets itself in a key. */
const theirs = ["id", "created", "lastUpdated", "_links"]

/**
 * The keys that a PUT must carry, since it replaces them all. `undefined`: nothing was asked of them, so they stay as they
 * stand. Otherwise the wanted ones, beside those that we do not see; one that is wanted again is no longer hidden.
 */
export function carriedKeys(was: Json | undefined, wanted: Json | undefined): Record<string, unknown> | undefined {
  const ours = wanted === undefined ? [] : keysOf(wanted)
  const again = new Set<unknown>(ours.map(({ kid }) => kid).filter((kid) => kid !== undefined))
  const left = keysOf(was).filter((key) => wanted === undefined || (isHidden(key) && !again.has(key.kid)))
  const keys = [...ours, ...left.map((key) => writable(key, theirs))]
  return keys.length === 0 ? undefined : { ...(isObject(was) ? writable(was) : {}), keys }
}

/** The same keys in one spelling, wherever they come from and in whatever order: `use` is always sig, and Okta's ids and dates are not ours. */
export function plainKeys(jwks: Json | undefined): Json {
  const keys = keysOf(jwks)
    .filter((key) => !isHidden(key))
    .map((key) => ({
      ...Object.fromEntries(
        parts.flatMap((part) => (typeof key[part] === "string" ? [[part, key[part] as string]] : [])),
      ),
      use: "sig",
    }))
    .toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))
  return keys.length === 0 ? null : { keys }
}
