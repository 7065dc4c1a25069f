/**
 * A twin of go-authkit's example provider, with its quirks: discovery without an issuer, tokens over Basic authentication
 * with users, JWTs without aud, iat and client_id, errors in plain text, a role that only introspection tells.
 */
import { randomUUID } from "node:crypto"
import { movableClock, type Clock } from "../base/clock.ts"
import { faultList, type Faults } from "../base/faults.ts"
import { clientOf, startServer, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import { signingKey } from "../base/signing.ts"

export interface GoAuthkitTwin {
  readonly url: string
  readonly clock: Clock
  readonly faults: Faults
  /** The request paths, in order: the last of them. */
  readonly calls: readonly string[]
  forgetCalls(): void
  /** A token of this user, as the token endpoint gives it. */
  token(user: string): Promise<string>
  /** What the provider knows about a token: the answer of introspection. */
  introspect(token: string): Introspection
  stop(): Promise<void>
}

export interface Role {
  readonly rn: string
  readonly role: string
}
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true
      readonly token_type: "Bearer"
      readonly iss: string
      readonly sub: string
      readonly exp: number
      readonly jti: string
      readonly scope: readonly Role[]
    }

/** The literal that the example accepts for introspection. */
export const twinPermission = "access-token-with-introspection-permission"
const lifeSeconds = 3_600

const admin: Role = { rn: "my_service", role: "admin" }
/** `inToken`: the JWT carries the role itself; of admin2 only introspection tells. */
const users: Readonly<Record<string, { password: string; roles: readonly Role[]; inToken: boolean }>> = {
  user: { password: "user-pwd", roles: [], inToken: false },
  admin: { password: "admin-pwd", roles: [admin], inToken: true },
  admin2: { password: "admin2-pwd", roles: [admin], inToken: false },
}

/** `keepMax`: the last so many calls and tokens are known, however long it runs. */
export async function startGoAuthkitTwin(port = 0, keepMax = 1_000): Promise<GoAuthkitTwin> {
  const clock = movableClock()
  const faults = faultList()
  const calls: string[] = []
  const [key, spare] = await Promise.all([signingKey("twin-1"), signingKey("twin-2")])
  const issued = new Map<string, { sub: string; exp: number; jti: string }>()
  let url = ""

  async function token(user: string): Promise<string> {
    const known = users[user]
    if (!known) throw new Error(`the twin has no user ${user}`)
    const claims = { sub: user, exp: Math.floor(clock.now().getTime() / 1_000) + lifeSeconds, jti: randomUUID() }
    const jwt = await key.sign(
      { iss: url, ...claims, ...(known.inToken ? { scope: known.roles } : {}) },
      { typ: "at+jwt" },
    )
    issued.set(jwt, claims)
    for (const oldest of issued.keys()) {
      if (issued.size <= keepMax) break
      issued.delete(oldest)
    }
    return jwt
  }

  function introspect(given: string): Introspection {
    const claims = issued.get(given)
    if (!claims || claims.exp * 1_000 <= clock.now().getTime()) return { active: false }
    return { active: true, token_type: "Bearer", iss: url, ...claims, scope: users[claims.sub]?.roles ?? [] }
  }

  const plain = (status: number, text: string): FakeAnswer => ({
    status,
    text: `${text}\n`,
    headers: { "content-type": "text/plain; charset=utf-8" },
  })
  const bearerOf = (request: FakeRequest) => /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? null

  const routes: Route[] = [
    {
      method: "GET",
      path: "/.well-known/openid-configuration",
      run: ({ origin }) => ({
        status: 200,
        json: {
          token_endpoint: `${origin}/idp/token`,
          introspection_endpoint: `${origin}/idp/introspect_token`,
          jwks_uri: `${origin}/idp/keys`,
        },
      }),
    },
    {
      method: "GET",
      path: "/idp/keys",
      run: () => ({ status: 200, json: { keys: [...key.jwks.keys, ...spare.jwks.keys] } }),
    },
    {
      method: "POST",
      path: "/idp/token",
      async run(request) {
        const given = clientOf(request, new URLSearchParams())
        if (!given || users[given.id]?.password !== given.secret) return plain(401, "Unauthorized")
        return {
          status: 200,
          json: { access_token: await token(given.id), token_type: "Bearer", expires_in: lifeSeconds },
        }
      },
    },
    {
      method: "POST",
      path: "/idp/introspect_token",
      run(request) {
        const bearer = bearerOf(request)
        if (bearer === null) return plain(401, "Unauthorized")
        if (bearer !== twinPermission)
          return plain(issued.has(bearer) ? 403 : 401, issued.has(bearer) ? "Permission denied" : "Unauthorized")
        const given = new URLSearchParams(request.body).get("token")
        return given ? { status: 200, json: introspect(given) } : plain(400, "Token is required")
      },
    },
  ]
  const server = await startServer({
    routes,
    faults,
    port,
    before: (request) => {
      if (calls.push(request.path) > keepMax) calls.shift()
      return null
    },
    missing: (request) =>
      routes.some(({ path }) => path === request.path)
        ? plain(405, "Method not allowed")
        : plain(404, "404 page not found"),
  })
  url = server.url
  const forgetCalls = () => void calls.splice(0)
  return { ...server, clock, faults, calls, forgetCalls, token, introspect }
}
