import type { Endpoints } from "../port.ts"

interface Place {
  readonly base_url: string
  readonly authorization_server_id?: string | undefined
}

/** The issuer of the one server that Grantry is kept to, else of the org itself: each audience then has an issuer of its own. */
export const issuerOf = ({ base_url: base, authorization_server_id: server }: Place): string =>
  server === undefined ? base : `${base}/oauth2/${server}`

export function endpointsAt(place: Place): Endpoints {
  const issuer = issuerOf(place)
  const at = place.authorization_server_id === undefined ? `${issuer}/oauth2` : issuer
  return {
    issuer,
    tokenEndpoint: `${at}/v1/token`,
    jwksUri: `${at}/v1/keys`,
    introspectionEndpoint: `${at}/v1/introspect`,
  }
}
