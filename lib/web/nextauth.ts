import "server-only"
import type { NextAuthOptions } from "next-auth"
import CredentialsProvider from "next-auth/providers/credentials"
import { signIn } from "../auth/signin.ts"
import { closeSession } from "../auth/sessions.ts"
import { clientIp } from "./address.ts"
import { runtime } from "../runtime.ts"

const absoluteSeconds = 12 * 60 * 60

export const secureCookies = (): boolean => runtime().env.publicUrl.startsWith("https:")
/** `__Host-` over https; plain http is for loopback only. The port keeps two consoles on one machine apart. */
export const sessionCookieName = (): string =>
  secureCookies() ? "__Host-grantry-session" : `grantry-session-${runtime().env.port}`

/**
 * next-auth with local accounts. Its JWT carries only the id of a row of our session table, checked on each request
 * (reliability.md T14): credentials with database sessions are not supported by next-auth 4.
 */
export function authOptions(): NextAuthOptions {
  const secure = secureCookies()
  return {
    secret: runtime().sessionSecret,
    debug: false,
    session: { strategy: "jwt", maxAge: absoluteSeconds },
    pages: { signIn: "/login", signOut: "/login", error: "/login" },
    useSecureCookies: secure,
    cookies: {
      sessionToken: { name: sessionCookieName(), options: { httpOnly: true, sameSite: "lax", path: "/", secure } },
    },
    providers: [
      CredentialsProvider({
        name: "Local account",
        credentials: { email: { label: "Email", type: "email" }, password: { label: "Password", type: "password" } },
        async authorize(credentials, request) {
          const headers = new Headers(request.headers as Record<string, string> | undefined)
          const opened = await signIn(credentials?.email ?? "", credentials?.password ?? "", {
            ip: clientIp(headers),
            userAgent: headers.get("user-agent"),
          })
          return opened === null ? null : { id: opened.userId, email: opened.email, sessionId: opened.sessionId }
        },
      }),
    ],
    callbacks: {
      jwt({ token, user }) {
        if (user && "sessionId" in user && typeof user.sessionId === "string") return { sid: user.sessionId }
        return { sid: token.sid }
      },
      session({ session, token }) {
        return { ...session, user: {}, sid: token.sid } as typeof session
      },
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.sid === "string") await closeSession(token.sid)
      },
    },
  }
}
