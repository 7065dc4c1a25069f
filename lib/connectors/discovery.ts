import { z } from "zod"
import type { GuardedFetch } from "../base/http.ts"
import { wellKnownUrls } from "../oauth/discovery.ts"
import { call } from "./call.ts"
import { ConnectorError } from "./connector-error.ts"
import type { Endpoints } from "./port.ts"

const text = z.string().nullish()
const texts = z
  .array(z.string())
  .nullish()
  .catch(undefined)
  .transform((list) => list ?? [])

/** What we use of RFC 8414 section 2 and OpenID Connect Discovery 1.0 section 3. Nulls and absences are one. */
const document = z.looseObject({
  issuer: text,
  token_endpoint: text,
  jwks_uri: text,
  introspection_endpoint: text,
  registration_endpoint: text,
  grant_types_supported: texts,
})
export type Discovered = z.output<typeof document>

const keySet = z.object({ keys: z.array(z.looseObject({})) })

export interface DiscoveryAsk {
  readonly issuer: string
  /** Some small servers name no issuer, or that of another one whose tokens they introspect. Their address is trusted all the same. */
  readonly lenient?: boolean
}

/**
 * Reads an issuer's metadata, in OpenID Connect's place and then in RFC 8414's. The issuer that it names must be the one
 * asked for, character by character (RFC 8414 section 3.3), unless the reader is lenient. Throws ConnectorError.
 */
export async function discover(fetch: GuardedFetch, ask: DiscoveryAsk): Promise<Discovered> {
  const step = "read discovery"
  const [first, second] = wellKnownUrls(ask.issuer)
  const read = (url: string) => call(fetch, { step, kind: "read", method: "GET", url }, document)
  const told = await read(first).catch((error: unknown) => {
    if (error instanceof ConnectorError && error.code === "not_found" && second !== first) return read(second)
    throw error
  })
  const named = told.issuer ?? null
  if (named === ask.issuer || ask.lenient === true) return told
  throw new ConnectorError(
    "unknown",
    step,
    named === null
      ? "The discovery document names no issuer."
      : "The discovery document names another issuer than the configured one.",
    named === null ? {} : { excerpt: named },
  )
}

/** The addresses of a discovered server. Throws ConnectorError where a needed one is missing. */
export function endpointsOf(issuer: string, told: Discovered): Endpoints {
  const { token_endpoint: tokenEndpoint, jwks_uri: jwksUri } = told
  if (!tokenEndpoint || !jwksUri)
    throw new ConnectorError("unknown", "read discovery", "The discovery document lacks token_endpoint or jwks_uri.")
  return { issuer, tokenEndpoint, jwksUri, introspectionEndpoint: told.introspection_endpoint ?? null }
}

/** How many keys a JWK set (RFC 7517 section 5) publishes. Throws ConnectorError. */
export async function countKeys(fetch: GuardedFetch, url: string): Promise<number> {
  const step = "read keys"
  const { keys } = await call(fetch, { step, kind: "read", method: "GET", url }, keySet)
  if (keys.length === 0) throw new ConnectorError("unknown", step, "The provider publishes no signing key.")
  return keys.length
}

/** What the settings alone tell, before anything was asked. `tokenPath` and `jwksPath` are guesses that a probe corrects. */
export const guessedEndpoints = (issuer: string, tokenPath: string, jwksPath: string): Endpoints => ({
  issuer,
  tokenEndpoint: `${issuer}${tokenPath}`,
  jwksUri: `${issuer}${jwksPath}`,
  introspectionEndpoint: null,
})
