import { NextResponse, type NextRequest } from "next/server"
import { readEnv } from "./lib/env.ts"
import { contentSecurityPolicy } from "./lib/web/csp.ts"
import { refuseMethod } from "./lib/web/method.ts"

const sessionCookie = /^(?:__Host-)?grantry-session(?:-\d+)?$/
/** Pages that a person without a session may open. */
const open = new Set(["/login", "/setup", "/password"])
/** Ours to set: whatever a caller sends under these names is dropped (CVE-2025-29927 and its kin). */
const inbound = [
  "x-nonce",
  "x-grantry-path",
  "content-security-policy",
  "content-security-policy-report-only",
  "x-middleware-subrequest",
  "x-middleware-rewrite",
  "x-middleware-next",
]

/**
 * Before every page: a nonce, the security headers, and the courtesy redirect of contract section 2; before every API
 * path: has it this method? It looks only
 * whether a session cookie is there; who that is, is asked in `requireActor` and in every command and query.
 */
export function proxy(request: NextRequest): Response {
  const { pathname, search } = request.nextUrl
  const env = readEnv()
  const secure = env.publicUrl.startsWith("https:")
  const headers = new Headers(request.headers)
  for (const name of inbound) headers.delete(name)
  const api =
    pathname === "/api" ||
    pathname.startsWith("/api/") ||
    pathname === "/healthz" ||
    pathname === "/readyz" ||
    pathname === "/metrics"
  const refused = api ? refuseMethod(pathname, request.method) : null
  if (refused) return withTransport(refused, secure)

  if (!api && !open.has(pathname) && !request.cookies.getAll().some((c) => sessionCookie.test(c.name))) {
    const to = request.nextUrl.clone()
    to.pathname = "/login"
    to.search = pathname === "/" && search === "" ? "" : `?next=${encodeURIComponent(pathname + search)}`
    return withTransport(
      NextResponse.redirect(to, { status: 307, headers: { "cache-control": "private, no-store" } }),
      secure,
    )
  }

  const nonce = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
  const policy = contentSecurityPolicy(nonce, { secure, development: !env.production })
  headers.set("x-nonce", nonce)
  headers.set("x-grantry-path", pathname + search)
  headers.set("content-security-policy", policy)
  const response = NextResponse.next({ request: { headers } })
  response.headers.set("content-security-policy", policy)
  if (!api) response.headers.set("cache-control", "private, no-store")
  if (pathname === "/api/auth/signout" && request.method === "POST")
    response.headers.set("clear-site-data", '"cache", "cookies", "storage"')
  return withTransport(response, secure)
}

/** Only where the public address is https: on plain http (loopback) it would lock people out. */
function withTransport<R extends Response>(response: R, secure: boolean): R {
  if (secure) response.headers.set("strict-transport-security", "max-age=63072000; includeSubDomains; preload")
  return response
}

export const config = { matcher: ["/((?!_next/static|fonts/|icon.svg|favicon.ico).*)"] }
