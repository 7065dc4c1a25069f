import { OAuthError } from "./errors.ts"

/** What a token is asked for: scopes of one audience. */
export interface TokenRequest {
  readonly scope?: string | readonly string[]
  readonly audience?: string
}

/** Where a provider is and how it wants audience and scope said. */
export interface ProviderConfig {
  readonly kind: ProviderKind
  /** One of `tokenUrl` and `issuer` is enough; with the issuer alone the rest is discovered. */
  readonly issuer?: string
  readonly tokenUrl?: string
  readonly jwksUri?: string
  readonly introspectionUrl?: string
  /** Form parameters for a request, before client authentication and the caller's extra parameters. */
  readonly params: (request: TokenRequest) => Record<string, string>
}

export type ProviderKind = "keycloak" | "auth0" | "azure-ad" | "aws-cognito" | "okta" | "local" | "generic"

export interface ProviderSettings {
  /** keycloak: the address before `/realms`. */
  baseUrl?: string
  realm?: string
  /** auth0, okta, aws-cognito: host name, with or without `https://`. */
  domain?: string
  /** azure-ad: tenant id or name. */
  tenant?: string
  /** azure-ad, national clouds only. */
  loginUrl?: string
  /** okta: `default` unless given. */
  authorizationServerId?: string
  /** aws-cognito: key set and issuer live at the region's endpoint, not at the domain. */
  region?: string
  userPoolId?: string
  /** local, generic. */
  issuer?: string
  tokenUrl?: string
  jwksUri?: string
  introspectionUrl?: string
  /** generic: the parameter that names the audience; `resource` is RFC 8707. */
  audienceParameter?: "resource" | "audience" | "none"
}

/**
 * The differences between providers, as data. Endpoints: each vendor's token endpoint reference. An unknown kind throws
 * `unknown_provider`; a missing setting throws `bad_configuration` and names it.
 */
export function providerConfig(kind: string, settings: ProviderSettings): ProviderConfig {
  const make = Object.hasOwn(kinds, kind) ? kinds[kind as ProviderKind] : undefined
  if (make === undefined) {
    throw new OAuthError("unknown_provider", `There is no provider kind ${JSON.stringify(kind.slice(0, 64))}`, {
      evidence: { known: Object.keys(kinds) },
    })
  }
  return make(settings)
}

const kinds: Record<ProviderKind, (settings: ProviderSettings) => ProviderConfig> = {
  /** A client's audiences follow from its scopes; an audience parameter is ignored there, so none is sent. */
  keycloak(settings) {
    const realm = `${address(settings, "keycloak", "baseUrl")}/realms/${encodeURIComponent(needed(settings, "keycloak", "realm"))}`
    const connect = `${realm}/protocol/openid-connect`
    return {
      kind: "keycloak",
      issuer: realm,
      tokenUrl: `${connect}/token`,
      jwksUri: `${connect}/certs`,
      introspectionUrl: `${connect}/token/introspect`,
      params: scopeOnly,
    }
  },

  /** Auth0 issues nothing useful without an explicit `audience`. Its issuer ends in a slash. */
  auth0(settings) {
    const base = address(settings, "auth0", "domain")
    return {
      kind: "auth0",
      issuer: `${base}/`,
      tokenUrl: `${base}/oauth/token`,
      jwksUri: `${base}/.well-known/jwks.json`,
      params: (request) => ({ ...scopeOnly(request), audience: audienceOf(request, "auth0") }),
    }
  },

  /** Client credentials at Entra always ask for `{app id uri}/.default`; what comes are the app roles granted. */
  "azure-ad"(settings) {
    const login = (settings.loginUrl ?? "https://login.microsoftonline.com").replace(/\/$/, "")
    const tenant = `${login}/${encodeURIComponent(needed(settings, "azure-ad", "tenant"))}`
    return {
      kind: "azure-ad",
      issuer: `${tenant}/v2.0`,
      tokenUrl: `${tenant}/oauth2/v2.0/token`,
      jwksUri: `${tenant}/discovery/v2.0/keys`,
      params: (request) => ({ scope: `${audienceOf(request, "azure-ad").replace(/\/\.default$/, "")}/.default` }),
    }
  },

  /** Cognito's custom scopes carry their resource server: `{identifier}/{scope}`. */
  "aws-cognito"(settings) {
    const base = address(settings, "aws-cognito", "domain")
    const { region, userPoolId } = settings
    const issuer =
      region === undefined || userPoolId === undefined
        ? undefined
        : `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`
    return {
      kind: "aws-cognito",
      ...(issuer === undefined ? {} : { issuer, jwksUri: `${issuer}/.well-known/jwks.json` }),
      tokenUrl: `${base}/oauth2/token`,
      params: (request) => {
        const { audience } = request
        if (audience === undefined) return scopeOnly(request)
        return scopeOnly({
          scope: scopeList(request.scope).map((one) => (one.startsWith(`${audience}/`) ? one : `${audience}/${one}`)),
        })
      },
    }
  },

  /** On a custom authorization server the server stands for the audience; none is sent. */
  okta(settings) {
    const issuer = `${address(settings, "okta", "domain")}/oauth2/${encodeURIComponent(settings.authorizationServerId ?? "default")}`
    return {
      kind: "okta",
      issuer,
      tokenUrl: `${issuer}/v1/token`,
      jwksUri: `${issuer}/v1/keys`,
      introspectionUrl: `${issuer}/v1/introspect`,
      params: scopeOnly,
    }
  },

  local: (settings) => byIssuer("local", settings, "resource"),
  generic: (settings) => byIssuer("generic", settings, settings.audienceParameter ?? "resource"),
}

function byIssuer(
  kind: "local" | "generic",
  settings: ProviderSettings,
  parameter: "resource" | "audience" | "none",
): ProviderConfig {
  const { issuer, tokenUrl, jwksUri, introspectionUrl } = settings
  if (issuer === undefined && tokenUrl === undefined) throw missing(kind, "issuer or tokenUrl")
  return {
    kind,
    ...(issuer === undefined ? {} : { issuer }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    ...(jwksUri === undefined ? {} : { jwksUri }),
    ...(introspectionUrl === undefined ? {} : { introspectionUrl }),
    params: (request) => ({
      ...scopeOnly(request),
      ...(request.audience === undefined || parameter === "none" ? {} : { [parameter]: request.audience }),
    }),
  }
}

/** Scopes as a list: text is split at spaces, order is kept, repeats are dropped. */
export function scopeList(scope: TokenRequest["scope"]): string[] {
  const list = typeof scope === "string" ? scope.split(" ") : (scope ?? [])
  return [...new Set(list.filter((one) => one !== ""))]
}

function scopeOnly(request: TokenRequest): Record<string, string> {
  const scopes = scopeList(request.scope)
  return scopes.length === 0 ? {} : { scope: scopes.join(" ") }
}

function audienceOf(request: TokenRequest, kind: ProviderKind): string {
  if (request.audience === undefined || request.audience === "") throw missing(kind, "audience in the token request")
  return request.audience
}

function address(settings: ProviderSettings, kind: ProviderKind, name: "baseUrl" | "domain"): string {
  const text = needed(settings, kind, name).replace(/\/+$/, "")
  return /^https?:\/\//.test(text) ? text : `https://${text}`
}

function needed(
  settings: ProviderSettings,
  kind: ProviderKind,
  name: "baseUrl" | "domain" | "realm" | "tenant",
): string {
  const value = settings[name]
  if (value === undefined || value === "") throw missing(kind, name)
  return value
}

const missing = (kind: ProviderKind, name: string): OAuthError =>
  new OAuthError("bad_configuration", `${kind} needs ${name}`, { evidence: { kind, missing: name } })
