/** Keys of every kind, the context that trusts them, and how the suites of `inspectToken` ask. */
import type { TokenContext } from "./check.ts"
import { inspectToken, type Inspection } from "./inspect.ts"
import { readKeySet } from "./keys.ts"
import { contextFor, ecSigner, edSigner, goodClaims, goodHeader, hmacSigner, rsaSigner, sign } from "./token.fixture.ts"

export const rsa = rsaSigner("r1")
export const ec = ecSigner("e1")
export const es384 = ecSigner("e3", "P-384")
export const es512 = ecSigner("e5", "P-521")
export const ed = edSigner("d1")
export const hmac = hmacSigner("h1")
export const context = contextFor(rsa, ec, es384, es512, ed)
/** Signed by `ec`. */
export const token = (claims: object = goodClaims, header: object = goodHeader(ec)) => sign(ec, { ...header }, claims)
export const found = (inspection: Inspection, name: string) => inspection.checks.find((check) => check.name === name)
export const inspect = (claims: object, more: Partial<TokenContext> = {}) =>
  inspectToken(token(claims), { ...context, ...more })
export const callerKeys = (...keys: readonly object[]) => readKeySet(keys.length === 1 ? keys[0] : { keys }, "caller")
