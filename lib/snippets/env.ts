/** A line of a .env file: double quotes, with \, " and $ escaped and line ends spelled out. */
const line = (name: string, value: string): string =>
  `${name}="${value.replace(/[\\"$`]/g, "\\$&").replaceAll("\n", "\\n")}"`

/** The settings of a service, with its secret: only ever made in the browser, of a secret that was just revealed. */
export function envFile(given: {
  clientId: string
  clientSecret: string
  issuer: string
  tokenEndpoint: string
  fingerprint: string
}): string {
  return [
    line("TOKEN_ISSUER", given.issuer),
    line("TOKEN_URL", given.tokenEndpoint),
    line("CLIENT_ID", given.clientId),
    line("CLIENT_SECRET", given.clientSecret),
    line("CLIENT_SECRET_FINGERPRINT", given.fingerprint),
    "",
  ].join("\n")
}

/**
 * The settings with the secret left to be filled in, and below them those of the API that is called: it validates the
 * tokens with JWKS_URI and SERVICE_AUDIENCE, or asks INTROSPECTION_URL (RFC 7662), which not every provider has.
 */
export const envTemplate = (given: {
  clientId: string
  issuer: string
  tokenEndpoint: string
  withSecret: boolean
  jwksUri: string
  introspectionUrl: string | null
  /** Of the API that is called; null without a grant. */
  audience: string | null
}): string =>
  [
    line("TOKEN_ISSUER", given.issuer),
    "",
    "# The service that calls",
    line("TOKEN_URL", given.tokenEndpoint),
    line("CLIENT_ID", given.clientId),
    given.withSecret ? "CLIENT_SECRET=" : "CLIENT_KEY_FILE=./client-key.jwk.json",
    "",
    "# The API that is called",
    line("JWKS_URI", given.jwksUri),
    ...(given.audience === null ? [] : [line("SERVICE_AUDIENCE", given.audience)]),
    ...(given.introspectionUrl === null ? [] : [line("INTROSPECTION_URL", given.introspectionUrl)]),
    "",
  ].join("\n")
