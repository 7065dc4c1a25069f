import { SignJWT, importJWK, type JWK } from "jose"
import { OAuthError } from "./errors.ts"

/** How a client proves itself at the token endpoint (RFC 6749 section 2.3.1, RFC 7523 section 2.2). */
export type ClientAuth =
  | { readonly method: "client_secret_basic"; readonly secret: string }
  | { readonly method: "client_secret_post"; readonly secret: string }
  | {
      readonly method: "private_key_jwt"
      readonly privateKey: JWK
      /** Needed when the key itself names none. */
      readonly alg?: string
      /** The assertion's `aud`: by default the issuer where known, else the token endpoint. */
      readonly audience?: string
    }

export interface ClientProof {
  readonly headers: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, string>>
}

const assertionLifeSeconds = 60

/** @param server where the proof goes: `audience` becomes the assertion's `aud`. */
export async function proveClient(
  clientId: string,
  auth: ClientAuth,
  audience: string,
  nowMs: number,
): Promise<ClientProof> {
  switch (auth.method) {
    case "client_secret_basic":
      return { headers: { authorization: basic(clientId, auth.secret) }, params: {} }
    case "client_secret_post":
      return { headers: {}, params: { client_id: clientId, client_secret: auth.secret } }
    case "private_key_jwt":
      return {
        headers: {},
        params: {
          client_id: clientId,
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
          client_assertion: await assertion(clientId, auth, auth.audience ?? audience, nowMs),
        },
      }
  }
}

/** Both parts are form-encoded before they are joined (RFC 6749 section 2.3.1), so a colon or a `%` survives. */
export function basic(clientId: string, secret: string): string {
  const bytes = new TextEncoder().encode(`${formEncoded(clientId)}:${formEncoded(secret)}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

/** One value in application/x-www-form-urlencoded (WHATWG URL section 5.2): a space becomes `+`. */
export const formEncoded = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2)

async function assertion(
  clientId: string,
  auth: Extract<ClientAuth, { method: "private_key_jwt" }>,
  audience: string,
  nowMs: number,
): Promise<string> {
  const alg = auth.alg ?? auth.privateKey.alg
  if (alg === undefined)
    throw new OAuthError("bad_configuration", "private_key_jwt needs an algorithm: none given, none in the key")
  const key = await importJWK(auth.privateKey, alg).catch((cause: unknown) => {
    throw new OAuthError("bad_configuration", `The private key cannot be used with ${alg}`, { cause })
  })
  const now = Math.floor(nowMs / 1000)
  const kid = auth.privateKey.kid
  return new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader(kid === undefined ? { alg } : { alg, kid })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + assertionLifeSeconds)
    .sign(key)
}
