/** Discovery, keys and the token endpoint of the pool's domain (Cognito developer guide, token endpoint). */
import { randomUUID } from "node:crypto"
import { clientOf, type FakeAnswer, type FakeRequest, type Route } from "../base/server.ts"
import type { SigningKey } from "../base/signing.ts"
import { accessTokenSeconds } from "./clients.ts"
import { liveScopes, seconds, type FakePool } from "./state.ts"
import { writeToken } from "./trail.ts"

export function tokenRoutes(pool: FakePool, key: SigningKey): readonly Route[] {
  const issuer = ({ origin }: FakeRequest) => `${origin}/${pool.id}`
  return [
    {
      method: "GET",
      path: `/${pool.id}/.well-known/openid-configuration`,
      run: (request) => ({
        status: 200,
        json: {
          issuer: issuer(request),
          jwks_uri: `${issuer(request)}/.well-known/jwks.json`,
          ...(pool.modes.hasDomain ? { token_endpoint: `${request.origin}/oauth2/token` } : {}),
          token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
          id_token_signing_alg_values_supported: ["RS256"],
        },
      }),
    },
    { method: "GET", path: `/${pool.id}/.well-known/jwks.json`, run: () => ({ status: 200, json: key.jwks }) },
    {
      method: "POST",
      path: "/oauth2/token",
      async run(request) {
        const form = new URLSearchParams(request.body)
        const given = clientOf(request, form)
        const answer = await exchange(pool, key, { form, issuer: issuer(request), given })
        writeToken(pool, { status: answer.status, clientId: given?.basic === true ? null : (given?.id ?? null) })
        return answer
      },
    },
  ]
}

const refused = (error: string): FakeAnswer => ({ status: 400, json: { error } })

interface Asked {
  readonly form: URLSearchParams
  readonly issuer: string
  readonly given: { readonly id: string; readonly secret: string } | null
}

/** RFC 6749 section 4.4. A client that may not use OAuth is told invalid_grant, as people have seen. */
async function exchange(pool: FakePool, key: SigningKey, { form, issuer, given }: Asked): Promise<FakeAnswer> {
  const grantType = form.get("grant_type")
  if (!pool.modes.hasDomain || grantType === null) return refused("invalid_request")
  if (grantType !== "client_credentials") return refused("unsupported_grant_type")
  const client = pool.clients.get(given?.id ?? "")
  if (!client || !client.secrets.some(({ value }) => value === given?.secret)) return refused("invalid_client")
  const { AllowedOAuthFlows: flows = [], AllowedOAuthScopes: allowed = [] } = client.settings
  if (client.settings.AllowedOAuthFlowsUserPoolClient !== true || !flows.includes("client_credentials"))
    return refused("invalid_grant")
  const active = allowed.filter((scope) => liveScopes(pool).has(scope))
  const asked = form.get("scope")?.split(" ").filter(Boolean) ?? []
  if (asked.some((scope) => !active.includes(scope)) || active.length === 0) return refused("invalid_scope")
  const expiresIn = accessTokenSeconds(client.settings)
  const iat = Math.floor(seconds(pool))
  const access_token = await key.sign(
    {
      sub: client.id,
      token_use: "access",
      scope: (asked.length > 0 ? asked : active).join(" "),
      auth_time: iat,
      iss: issuer,
      exp: iat + expiresIn,
      iat,
      version: 2,
      jti: randomUUID(),
      client_id: client.id,
    },
    { typ: null },
  )
  return { status: 200, json: { access_token, expires_in: expiresIn, token_type: "Bearer" } }
}
