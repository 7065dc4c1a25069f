import { callJson, defaultTimeoutMs, isRecord, originOf, type Fetch } from "./call.ts"
import { OAuthError } from "./errors.ts"

/** What we use of RFC 8414 section 2 and OpenID Connect Discovery 1.0 section 3. */
export interface ServerMetadata {
  readonly issuer: string
  readonly tokenEndpoint: string | undefined
  readonly jwksUri: string | undefined
  readonly introspectionEndpoint: string | undefined
  readonly tokenEndpointAuthMethods: readonly string[]
}

export interface DiscoveryOptions {
  fetch?: Fetch
  timeoutMs?: number
  /** Some small servers leave `issuer` out; a *different* issuer is refused all the same. */
  tolerateMissingIssuer?: boolean
}

/**
 * The two places where metadata may stand: OpenID Connect appends to the issuer; RFC 8414 section 3.1 puts the
 * well-known part between host and path.
 */
export function wellKnownUrls(issuer: string): readonly [string, string] {
  const url = asUrl(issuer)
  const path = url.pathname === "/" ? "" : url.pathname.replace(/\/$/, "")
  return [
    `${url.origin}${path}/.well-known/openid-configuration`,
    `${url.origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

/**
 * Reads the metadata of an issuer. Its `issuer` must equal the one asked for, character by character (RFC 8414 section
 * 3.3). Codes: `discovery_failed` (neither form is there), `discovery_issuer_mismatch`, `bad_answer`, `timeout`,
 * `unreachable`.
 */
export async function discover(issuer: string, options: DiscoveryOptions = {}): Promise<ServerMetadata> {
  const fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init))
  const tried: { url: string; status: number }[] = []
  for (const url of wellKnownUrls(issuer)) {
    const answer = await callJson(
      fetch,
      url,
      { headers: { accept: "application/json" } },
      options.timeoutMs ?? defaultTimeoutMs,
    )
    if (answer.status === 200) return metadata(issuer, answer.body, options.tolerateMissingIssuer ?? false)
    tried.push({ url, status: answer.status })
  }
  throw new OAuthError("discovery_failed", `${originOf(issuer)} publishes no metadata for this issuer`, {
    transient: tried.some(({ status }) => status >= 500 || status === 429),
    evidence: { issuer, tried },
  })
}

function metadata(issuer: string, body: unknown, tolerateMissingIssuer: boolean): ServerMetadata {
  if (!isRecord(body)) throw new OAuthError("bad_answer", "The metadata is not a JSON object", { evidence: { issuer } })
  const found = body["issuer"]
  if (found !== issuer && !(found === undefined && tolerateMissingIssuer)) {
    throw new OAuthError(
      "discovery_issuer_mismatch",
      "The metadata belongs to another issuer than the one configured",
      {
        evidence: { issuer, found: typeof found === "string" ? found.slice(0, 512) : typeof found },
      },
    )
  }
  const methods = body["token_endpoint_auth_methods_supported"]
  return {
    issuer,
    tokenEndpoint: text(body["token_endpoint"]),
    jwksUri: text(body["jwks_uri"]),
    introspectionEndpoint: text(body["introspection_endpoint"]),
    // RFC 8414 section 2: absent means client_secret_basic.
    tokenEndpointAuthMethods: Array.isArray(methods)
      ? methods.filter((method): method is string => typeof method === "string")
      : ["client_secret_basic"],
  }
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)

function asUrl(issuer: string): URL {
  try {
    const url = new URL(issuer)
    if (url.protocol === "https:" || url.protocol === "http:") return url
  } catch {
    // falls through to the refusal
  }
  throw new OAuthError("bad_configuration", "An issuer is an absolute http(s) URL", {
    evidence: { issuer: issuer.slice(0, 512) },
  })
}

/** One lookup shared by all callers and kept for an hour; a failed one is not kept. */
export function metadataOnce(
  issuer: string,
  options: DiscoveryOptions & { now?: () => number } = {},
): () => Promise<ServerMetadata> {
  const now = options.now ?? Date.now
  let held: { at: number; metadata: Promise<ServerMetadata> } | undefined
  return () => {
    if (held === undefined || now() - held.at >= metadataLifeMs) {
      const mine = { at: now(), metadata: discover(issuer, options) }
      held = mine
      mine.metadata.catch(() => {
        if (held === mine) held = undefined
      })
    }
    return held.metadata
  }
}

const metadataLifeMs = 3_600_000
