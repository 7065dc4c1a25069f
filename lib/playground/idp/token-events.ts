import { decodeProtectedHeader } from "jose"
import type { KoaContextWithOIDC } from "oidc-provider"
import { newId } from "../../base/id.ts"
import { ownPurposes, purposeHeader } from "../../events/words.ts"
import {
  introspectedLine,
  issuedLine,
  opaqueJti,
  revokedLine,
  type IssueFacts,
  type Line,
  type RequestFacts,
  type ValidationFacts,
} from "./line.ts"
import { startNotes, type Notes } from "./notes.ts"
import { putInOutbox } from "./outbox.ts"
import type { ProviderParts } from "./provider.ts"

/**
 * The outermost layer of a protocol request: measures it, and commits its token event before the answer leaves. When the
 * event cannot be stored, no token is handed out: the answer becomes 503, and the caller tries again.
 */
export function tokenEvents(parts: ProviderParts) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    const leave = parts.requests.enter()
    try {
      await recorded(parts, ctx, next)
    } finally {
      leave()
    }
  }
}

async function recorded(
  { pool, authServer, log }: ProviderParts,
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  const notes = startNotes(ctx)
  await next()
  if (ctx.oidc?.route !== "token" && ctx.oidc?.route !== "introspection" && ctx.oidc?.route !== "revocation") return
  if (ctx.status >= 500) return unavailable(ctx)
  const line = lineOf(ctx, notes, requestFacts(ctx, notes, authServer))
  if (!line) return
  try {
    const used = notes.secret?.is === "live" && ctx.status === 200 && ownPurpose(ctx) === null
    await putInOutbox(pool, line, used ? (notes.secret?.id ?? null) : null)
  } catch (error) {
    log.error(
      { err: error instanceof Error ? error.message : "unknown" },
      "no token event could be stored, so the request is refused",
    )
    unavailable(ctx)
  }
}

/** RFC 6749 section 5.2 knows no word for it at the token endpoint; `temporarily_unavailable` is the one of section 4.1.2.1. */
function unavailable(ctx: KoaContextWithOIDC): void {
  ctx.status = 503
  ctx.set("Retry-After", "2")
  ctx.body = {
    error: "temporarily_unavailable",
    error_description: "the store of this server does not answer, try again",
  }
}

const header = (ctx: KoaContextWithOIDC, name: string): string | null => ctx.get(name) || null

/** Grantry's own requests say so themselves (contract section 6): no service uses the secret by them. Any other word is ignored. */
const ownPurpose = (ctx: KoaContextWithOIDC): string | null =>
  ownPurposes.find((purpose) => purpose === header(ctx, purposeHeader)) ?? null

const requestFacts = (ctx: KoaContextWithOIDC, notes: Notes, authServer: string): RequestFacts => ({
  eventId: newId(),
  at: new Date(),
  durationMs: performance.now() - notes.startedMs,
  ip: ctx.ip || null,
  userAgent: header(ctx, "user-agent"),
  traceparent: header(ctx, "traceparent"),
  purpose: ownPurpose(ctx),
  authServer,
})

function lineOf(ctx: KoaContextWithOIDC, notes: Notes, facts: RequestFacts): Line | null {
  if (ctx.oidc.route === "token") return issuedLine(facts, issueFacts(ctx, notes))
  if (ctx.status !== 200) return null
  const seen = seenToken(ctx, notes)
  if (ctx.oidc.route === "introspection") return seen && introspectedLine(facts, seen)
  return seen?.jti ? revokedLine(facts, seen) : null
}

function issueFacts(ctx: KoaContextWithOIDC, notes: Notes): IssueFacts {
  const body = ctx.body as { error?: string; access_token?: string; expires_in?: number } | undefined
  const params = ctx.oidc.params ?? {}
  const token = ctx.oidc.entities.ClientCredentials
  const value = body?.access_token
  const jwt = token?.format === "jwt"
  return {
    clientId: ctx.oidc.client?.clientId ?? attemptedClient(ctx),
    grantType: text(params.grant_type),
    scopes: words(value === undefined ? text(params.scope) : (token?.scope ?? null)),
    audience: value === undefined ? text([params.resource].flat()[0]) : text([token?.aud].flat()[0]),
    secret: notes.secret,
    assertionKid: assertionKid(text(params.client_assertion)),
    issued:
      value === undefined
        ? null
        : {
            jti: jwt ? (token.jti ?? null) : opaqueJti(value),
            kid: jwt ? kidOf(value) : null,
            expiresIn: body?.expires_in ?? 0,
            format: jwt ? "jwt" : "opaque",
          },
    refused:
      value === undefined
        ? {
            error: body?.error ?? notes.error?.code ?? "server_error",
            description: notes.error?.description ?? null,
            detail: detailOf(notes),
          }
        : null,
  }
}

/** What the answer must not tell the caller, but the operator must know. */
function detailOf(notes: Notes): string | null {
  if (notes.clientDisabled) return "client disabled"
  if (notes.secret && notes.secret.is !== "live") return `${notes.secret.is} secret presented`
  return notes.error?.detail ?? null
}

/** What is known of the token that was shown at introspection or revocation. */
function seenToken(ctx: KoaContextWithOIDC, notes: Notes): ValidationFacts | null {
  const caller = ctx.oidc.client?.clientId
  const shown = text(ctx.oidc.params?.token)
  if (!caller || shown === null) return null
  const claims = notes.claims
  const opaque = ctx.oidc.entities.ClientCredentials
  const active = (ctx.body as { active?: boolean } | undefined)?.active === true
  return {
    caller,
    active,
    why: notes.inactive,
    clientId: text(claims?.client_id) ?? opaque?.clientId ?? null,
    audience: text([claims?.aud ?? opaque?.aud].flat()[0]),
    scopes: words(text(claims?.scope) ?? opaque?.scope ?? null),
    jti: text(claims?.jti) ?? (opaque ? opaqueJti(shown) : null),
  }
}

/** Who tried, when nobody was authenticated: as claimed, so at most for display. */
function attemptedClient(ctx: KoaContextWithOIDC): string | null {
  const named = text(ctx.oidc.params?.client_id)
  if (named) return named.slice(0, 200)
  const basic = /^basic ([A-Za-z0-9+/=]+)$/i.exec(ctx.get("authorization"))?.[1]
  const user = basic === undefined ? undefined : Buffer.from(basic, "base64").toString("utf8").split(":")[0]
  if (user) return decoded(user).slice(0, 200)
  const assertion = text(ctx.oidc.params?.client_assertion)?.split(".")[1]
  if (assertion === undefined) return null
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion, "base64url").toString("utf8"))
    return typeof claims === "object" && claims !== null && "sub" in claims
      ? (text(claims.sub)?.slice(0, 200) ?? null)
      : null
  } catch {
    return null
  }
}

function decoded(user: string): string {
  try {
    return decodeURIComponent(user.replaceAll("+", "%20"))
  } catch {
    return user
  }
}

function kidOf(jwt: string): string | null {
  try {
    return decodeProtectedHeader(jwt).kid ?? null
  } catch {
    return null
  }
}

const assertionKid = (assertion: string | null): string | null => (assertion === null ? null : kidOf(assertion))
const text = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null)
const words = (scope: string | null): readonly string[] => (scope ?? "").split(" ").filter(Boolean)
