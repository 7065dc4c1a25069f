import "server-only"
import { getToken } from "next-auth/jwt"
import type { NextRequest } from "next/server"
import type { Actor } from "../auth/actor.ts"
import { sessionActor } from "../auth/sessions.ts"
import { tokenActor } from "../auth/tokens.ts"
import { Refused } from "../base/errors.ts"
import { accessTokenActor } from "./access-token.ts"
import { secureCookies, sessionCookieName } from "./nextauth.ts"
import { runtime } from "../runtime.ts"

const unauthenticated = (why: string) => new Refused("unauthenticated", why, { status: 401 })

/** The caller of an API request. `via` tells whether origin checks apply: a browser sends cookies by itself, never a Bearer. */
export async function caller(
  request: NextRequest,
  requestId: string,
): Promise<{ actor: Actor; via: "bearer" | "cookie" }> {
  const authorization = request.headers.get("authorization")
  if (authorization !== null) {
    const bearer = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
    if (!bearer) throw unauthenticated("The Authorization header must be: Bearer and a token.")
    const actor = bearer.startsWith("gty_")
      ? await tokenActor(bearer, requestId)
      : await accessTokenActor(bearer, requestId)
    if (!actor) throw unauthenticated("This token is unknown, expired or revoked.")
    return { actor, via: "bearer" }
  }
  const actor = await cookieActor(request, requestId)
  if (!actor) throw unauthenticated("Sign in, or send an API token.")
  return { actor, via: "cookie" }
}

export async function cookieActor(request: NextRequest, requestId: string | null): Promise<Actor | null> {
  const sid = await sessionIdOf(request)
  return sid === null ? null : sessionActor(sid, requestId)
}

export async function sessionIdOf(request: Parameters<typeof getToken>[0]["req"]): Promise<string | null> {
  const token = await getToken({
    req: request,
    secret: runtime().sessionSecret,
    secureCookie: secureCookies(),
    cookieName: sessionCookieName(),
  })
  return typeof token?.sid === "string" ? token.sid : null
}

/** A cookie caller that changes something must come from our own pages (T13). */
export function requireSameOrigin(request: NextRequest): void {
  const origin = request.headers.get("origin")
  const site = request.headers.get("sec-fetch-site")
  const ours = origin !== null ? origin === new URL(runtime().env.publicUrl).origin : site === "same-origin"
  if (!ours) throw new Refused("cross_origin", "This request does not come from Grantry's own pages.", { status: 403 })
}
