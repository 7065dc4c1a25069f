/**
 * How one client asks one provider for a token, as the provider's connector says it (`GET /clients/{id}/token-request`):
 * what ready code is made of. Never a secret.
 */
export interface SnippetContext {
  readonly client_id: string
  readonly auth_method: "client_secret_basic" | "client_secret_post" | "private_key_jwt"
  readonly issuer: string
  readonly token_endpoint: string
  /** What this provider wants beside grant type and client authentication: `scope` in its words, perhaps the audience. */
  readonly parameters: Readonly<Record<string, string>>
  /** The API that is called; null without a grant. */
  readonly audience: string | null
}

/** The scopes as this provider names them. */
export const scopeText = (c: SnippetContext): string => c.parameters.scope ?? ""

/** What is sent beside the scopes: most often nothing, or the audience under the provider's name for it. */
export const otherParameters = (c: SnippetContext): readonly (readonly [string, string])[] =>
  Object.entries(c.parameters).filter(([name]) => name !== "scope")

/** The parameters of a client credentials request (RFC 6749 section 4.4.2), without authentication. */
export const requestParameters = (c: SnippetContext): readonly (readonly [string, string])[] => [
  ["grant_type", "client_credentials"],
  ...Object.entries(c.parameters),
]

/** RFC 7523 section 2.2. */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/** A string literal that JavaScript, Python and Go read alike: JSON's escapes are a subset of all three. */
export const quoted = (text: string): string => JSON.stringify(text)
/** One shell word. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
