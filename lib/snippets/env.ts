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

/** The same settings with the secret left to be filled in. */
export const envTemplate = (given: {
  clientId: string
  issuer: string
  tokenEndpoint: string
  withSecret: boolean
}): string =>
  [
    line("TOKEN_ISSUER", given.issuer),
    line("TOKEN_URL", given.tokenEndpoint),
    line("CLIENT_ID", given.clientId),
    given.withSecret ? "CLIENT_SECRET=" : "CLIENT_KEY_FILE=./client-key.jwk.json",
    "",
  ].join("\n")
