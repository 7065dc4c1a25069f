import type { EventEmitter } from "node:events"
import { errors, Provider, type Configuration, type KoaContextWithOIDC } from "oidc-provider"
import type { Logger } from "pino"
import type { Pool } from "../../db/pool.ts"
import { secretPlaceholder, storeAdapter } from "./adapter.ts"
import type { InFlight } from "./in-flight.ts"
import { entitlement, grantedAudiences, mayIntrospect } from "./grants.ts"
import { privateKeySet } from "./keys.ts"
import { notesOf } from "./notes.ts"
import { matchSecret } from "./secrets.ts"
import { structuredTokens } from "./structured.ts"
import { tokenEvents } from "./token-events.ts"

export interface ProviderParts {
  readonly issuer: string
  readonly pool: Pool
  readonly kek: Buffer
  readonly authServer: string
  readonly log: Logger
  readonly requests: InFlight
}

/** The library's authorization server over our store. Keys and scope names are fixed at its making: make a new one when they change. */
export async function buildProvider(parts: ProviderParts): Promise<Provider> {
  const { pool, issuer, log } = parts
  const { rows } = await pool.query<{ name: string }>("select distinct name from scope order by name")
  const provider = new Provider(
    issuer,
    await configuration(
      parts,
      rows.map((row) => row.name),
    ),
  )
  compareWithSecretSet(provider, pool)
  provider.silent = true
  provider.proxy = true
  const koa: EventEmitter = provider
  koa.on("error", (error: Error) => log.error({ err: error.message }, "request failed"))
  provider.on("server_error", (_ctx, error) => log.error({ err: error.message }, "server error"))
  provider.on("grant.error", (ctx, error) => {
    const notes = notesOf(ctx)
    if (notes)
      notes.error = {
        code: error.error,
        description: error.error_description ?? null,
        detail: error.error_detail ?? null,
      }
  })
  provider.use(tokenEvents(parts))
  provider.use(discoveryForMachines)
  provider.use(structuredTokens(parts))
  return provider
}

async function configuration({ pool, kek }: ProviderParts, scopes: readonly string[]): Promise<Configuration> {
  return {
    adapter: storeAdapter(pool),
    jwks: await privateKeySet(pool, kek),
    scopes: [...scopes],
    responseTypes: [],
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    clientDefaults: {
      grant_types: ["client_credentials"],
      response_types: [],
      token_endpoint_auth_method: "client_secret_basic",
    },
    clientBasedCORS: () => false,
    renderError: (ctx, out) => {
      ctx.type = "json"
      ctx.body = out
    },
    ttl: {
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 300,
      RegistrationAccessToken: 10 * 365 * 86_400,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, caller, token) => token.clientId === caller.clientId },
      introspection: {
        enabled: true,
        allowedPolicy: async (ctx, caller, token) => {
          const aud = "aud" in token ? [token.aud].flat().filter((one) => typeof one === "string") : []
          const may = await mayIntrospect(pool, caller.clientId, token.clientId, aud)
          const notes = notesOf(ctx)
          if (!may && notes) notes.inactive = "wrong_audience"
          return may
        },
      },
      registration: { enabled: true, initialAccessToken: true },
      registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (_ctx, client) => await onlyGrantedAudience(pool, client.clientId),
        getResourceServerInfo: async (ctx, resource, client) => await grantedOn(pool, ctx, resource, client.clientId),
        useGrantedResource: () => false,
      },
    },
  }
}

/** Without `resource` the one granted audience is meant; with none or several the request is refused (RFC 8707 section 2.2). */
async function onlyGrantedAudience(pool: Pool, client: string): Promise<string> {
  const own = await grantedAudiences(pool, client)
  if (own.length === 1 && own[0] !== undefined) return own[0]
  throw new errors.InvalidTarget(
    own.length === 0
      ? "this client is granted no audience"
      : `this client is granted ${own.length} audiences: name one with the parameter resource`,
  )
}

/** The audience grant, enforced: RFC 8707 `invalid_target` for the audience, RFC 6749 `invalid_scope` for each scope. No scope asked: all granted ones. */
async function grantedOn(pool: Pool, ctx: KoaContextWithOIDC, resource: string, client: string) {
  const may = await entitlement(pool, client, resource)
  if (!may) throw new errors.InvalidTarget("this client is not granted that audience")
  const params = ctx.oidc.params ?? {}
  const asked = typeof params.scope === "string" ? params.scope.split(" ").filter(Boolean) : []
  for (const scope of asked) {
    if (!may.scopes.includes(scope))
      throw new errors.InvalidScope("the client is not granted that scope on that audience", scope)
  }
  if (asked.length === 0 && may.scopes.length > 0) params.scope = may.scopes.join(" ")
  return {
    audience: resource,
    scope: may.scopes.join(" "),
    accessTokenTTL: may.ttlSeconds,
    accessTokenFormat: may.format,
    ...(may.format === "jwt" ? { jwt: { sign: { alg: may.alg } } } : {}),
  } as ReturnType<
    NonNullable<NonNullable<NonNullable<Configuration["features"]>["resourceIndicators"]>["getResourceServerInfo"]>
  >
}

/** Any number of live secrets per client. An override of the library's own method, so the version is pinned and a test holds it. */
function compareWithSecretSet(provider: Provider, pool: Pool): void {
  provider.Client.prototype.compareClientSecret = async function (given: string) {
    const presented = await matchSecret(pool, this.clientId, given)
    const notes = notesOf(Provider.ctx)
    if (notes) notes.secret = presented
    return presented?.is === "live"
  }
}

const pointless = [
  "authorization_endpoint",
  "claims_parameter_supported",
  "claims_supported",
  "claim_types_supported",
  "code_challenge_methods_supported",
  "response_modes_supported",
  "authorization_response_iss_parameter_supported",
  "request_uri_parameter_supported",
]

/** Discovery (RFC 8414) tells machines what is here for them, and not the sign-in of people. Registration answers hide the placeholder. */
async function discoveryForMachines(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const route = ctx.oidc?.route
  if (typeof ctx.body !== "object" || ctx.body === null) return
  const body = ctx.body as Record<string, unknown>
  if (route === "discovery") {
    ctx.body = {
      ...Object.fromEntries(Object.entries(body).filter(([name]) => !pointless.includes(name))),
      // The library insists on a scope for people.
      scopes_supported: [body.scopes_supported].flat().filter((scope) => scope !== "openid"),
      introspection_endpoint_auth_methods_supported: body.token_endpoint_auth_methods_supported,
      revocation_endpoint_auth_methods_supported: body.token_endpoint_auth_methods_supported,
    }
  }
  if (
    route &&
    ["registration", "client", "client_update"].includes(route) &&
    body.client_secret === secretPlaceholder
  ) {
    const { client_secret: _placeholder, client_secret_expires_at: _never, ...rest } = body
    ctx.body = rest
  }
}
