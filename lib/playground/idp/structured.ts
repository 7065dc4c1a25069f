import { createLocalJWKSet, errors as joseErrors, jwtVerify, type JWTPayload } from "jose"
import type { KoaContextWithOIDC } from "oidc-provider"
import type { Pool } from "../../db/pool.ts"
import { mayIntrospect } from "./grants.ts"
import { listKeys } from "./keys.ts"
import { notesOf } from "./notes.ts"
import type { ProviderParts } from "./provider.ts"

/** A token of ours, judged. `not` is a word of the event vocabulary; `claims` are there whenever the signature is ours. */
export interface Judged {
  readonly not: "expired" | "invalid_signature" | "unknown_key" | "revoked" | "malformed" | null
  readonly claims: JWTPayload | null
}

/** Verifies one of our RFC 9068 tokens against the published keys and the deny list. Never throws for a bad token. */
export async function judgeJwt(pool: Pool, issuer: string, token: string): Promise<Judged> {
  const keys = (await listKeys(pool)).filter((key) => key.stage !== "retired").map((key) => key.public_jwk)
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet({ keys }), { issuer, typ: "at+jwt" })
    if (typeof payload.jti !== "string") return { not: "malformed", claims: null }
    const { rowCount } = await pool.query("select 1 from revoked_token where jti = $1", [payload.jti])
    return { not: rowCount === 0 ? null : "revoked", claims: payload }
  } catch (error) {
    if (error instanceof joseErrors.JWTExpired) return { not: "expired", claims: error.payload }
    if (error instanceof joseErrors.JWKSNoMatchingKey) return { not: "unknown_key", claims: null }
    if (error instanceof joseErrors.JWSSignatureVerificationFailed) return { not: "invalid_signature", claims: null }
    if (error instanceof joseErrors.JOSEError) return { not: "malformed", claims: null }
    throw error
  }
}

/**
 * Introspection (RFC 7662) and revocation (RFC 7009) of JWT access tokens, which the library refuses by design. It has
 * authenticated the caller by then. Revoked tokens stand on a deny list until they expire; offline checks cannot see it.
 */
export function structuredTokens({ pool, issuer }: ProviderParts) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next()
    const caller = ctx.oidc?.client
    const body = ctx.body as { error?: unknown } | null | undefined
    const token = ctx.oidc?.params?.token
    if (!caller || body?.error !== "unsupported_token_type" || typeof token !== "string") return
    const { not, claims } = await judgeJwt(pool, issuer, token)
    const owner = typeof claims?.client_id === "string" ? claims.client_id : undefined
    if (ctx.oidc.route === "introspection") {
      const may = claims !== null && (await mayIntrospect(pool, caller.clientId, owner, [claims.aud ?? []].flat()))
      const notes = notesOf(ctx)
      if (notes) Object.assign(notes, { inactive: not ?? (may ? null : "wrong_audience"), claims })
      ctx.status = 200
      ctx.body = may && not === null ? { active: true, token_type: "Bearer", ...claims } : { active: false }
    }
    if (ctx.oidc.route === "revocation") {
      if (claims && not === null && owner === caller.clientId) {
        await pool.query(
          "insert into revoked_token (jti, expires_at) values ($1, to_timestamp($2)) on conflict do nothing",
          [claims.jti, claims.exp],
        )
        const notes = notesOf(ctx)
        if (notes) notes.claims = claims
      }
      ctx.status = 200
      ctx.body = ""
    }
  }
}
