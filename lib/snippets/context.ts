/** What ready code for one client on one provider needs to know. Never a secret. */
export interface SnippetContext {
  readonly clientId: string
  readonly authMethod: "client_secret_basic" | "client_secret_post" | "private_key_jwt"
  readonly issuer: string
  readonly tokenEndpoint: string
  /** The first granted audience and its scopes; null without a grant. */
  readonly grant: { readonly audience: string; readonly scopes: readonly string[] } | null
  /** How the provider wants the audience named beside `scope`, such as `resource` (RFC 8707) or `audience`. */
  readonly audienceParameter: "resource" | "audience" | null
}

export const scopeText = (c: SnippetContext): string => c.grant?.scopes.join(" ") ?? ""

const audienceParameters: Readonly<Record<string, "resource" | "audience">> = {
  local: "resource",
  auth0: "audience",
  oidc: "resource",
  openiddict: "resource",
  go_authkit: "resource",
}

/**
 * How a kind of provider wants the audience named in a token request: RFC 8707, or Auth0's own parameter. Null: it derives
 * the audience from the scopes.
 */
export const audienceParameterOf = (kind: string): SnippetContext["audienceParameter"] =>
  Object.hasOwn(audienceParameters, kind) ? (audienceParameters[kind] ?? null) : null

/** The parameters of a client credentials request (RFC 6749 section 4.4.2), without authentication. */
export function requestParameters(c: SnippetContext): readonly (readonly [string, string])[] {
  return [
    ["grant_type", "client_credentials"],
    ...(scopeText(c) === "" ? [] : ([["scope", scopeText(c)]] as const)),
    ...(c.grant && c.audienceParameter ? ([[c.audienceParameter, c.grant.audience]] as const) : []),
  ]
}

/** RFC 7523 section 2.2. */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/** A string literal that JavaScript, Python and Go read alike: JSON's escapes are a subset of all three. */
export const quoted = (text: string): string => JSON.stringify(text)
/** One shell word. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
