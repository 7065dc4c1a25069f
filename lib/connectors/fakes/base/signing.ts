import { exportJWK, generateKeyPair, SignJWT, type JWK, type JWTPayload } from "jose"

/** A key of the fake's own, made at its start: it signs real RS256 tokens and publishes its public half. */
export interface SigningKey {
  readonly kid: string
  /** RFC 7517 section 5. */
  readonly jwks: { readonly keys: readonly JWK[] }
  /** `typ` is JWT unless it is named; null leaves it out. */
  sign(claims: JWTPayload, header?: { readonly typ?: string | null }): Promise<string>
}

export async function signingKey(kid: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair("RS256")
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" }
  return {
    kid,
    jwks: { keys: [jwk] },
    sign: (claims, { typ = "JWT" } = {}) =>
      new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid, ...(typ === null ? {} : { typ }) }).sign(privateKey),
  }
}
