import { CompactSign, exportJWK, generateKeyPair, type JWK } from "jose"
import type { Fetch } from "./call.ts"

/** A token issuer for tests: real keys, real signatures, and a key set that any injected fetch can serve. */
export interface TestIssuer {
  readonly issuer: string
  readonly jwks: { keys: JWK[] }
  readonly sign: (claims: object, header?: object) => Promise<string>
  readonly fetch: Fetch & { readonly calls: string[] }
}

export const testNow = Date.UTC(2026, 10, 21, 12, 0, 0)
export const testAudience = "https://payment-service.internal"

export async function makeIssuer(alg = "ES256", kid = "key-1", issuer = "https://idp.example"): Promise<TestIssuer> {
  const pair = await generateKeyPair(alg, { extractable: true })
  const jwk: JWK = { ...(await exportJWK(pair.publicKey)), kid, alg, use: "sig" }
  const jwks = { keys: [jwk] }
  const calls: string[] = []
  const fetch: Fetch = async (url) => {
    calls.push(url)
    await Promise.resolve()
    return Response.json(jwks)
  }
  return {
    issuer,
    jwks,
    fetch: Object.assign(fetch, { calls }),
    sign: (claims, header = {}) =>
      new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
        .setProtectedHeader({ alg, kid, typ: "at+jwt", ...header })
        .sign(pair.privateKey),
  }
}

export const goodClaims = (over: object = {}): Record<string, unknown> => ({
  iss: "https://idp.example",
  aud: testAudience,
  sub: "order-service",
  client_id: "order-service",
  jti: "token-1",
  iat: testNow / 1000 - 10,
  exp: testNow / 1000 + 290,
  scope: "payments:write",
  ...over,
})
