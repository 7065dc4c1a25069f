import { canonicalJson, isObject, type Json } from "../../base/json.ts"

/** The parts of a public signing key that Okta holds. RFC 7518 section 6. */
const parts = ["kty", "kid", "alg", "n", "e", "crv", "x", "y"]

export function keysOf(jwks: Json | undefined): readonly Record<string, unknown>[] {
  const keys = isObject(jwks) ? jwks.keys : undefined
  return Array.isArray(keys) ? keys.filter(isObject) : []
}

/** The same keys in one spelling, wherever they come from and in whatever order: `use` is always sig, and Okta's ids and dates are not ours. */
export function plainKeys(jwks: Json | undefined): Json {
  const keys = keysOf(jwks)
    .filter((key) => key.status !== "INACTIVE" && key.use !== "enc")
    .map((key) => ({
      ...Object.fromEntries(
        parts.flatMap((part) => (typeof key[part] === "string" ? [[part, key[part] as string]] : [])),
      ),
      use: "sig",
    }))
    .toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))
  return keys.length === 0 ? null : { keys }
}
