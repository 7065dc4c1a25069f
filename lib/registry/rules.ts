/** The field's rules for names, as pure questions. Each answers null, or the half sentence that says what is wrong. */

/** RFC 3986 section 4.3, absolute-URI: scheme, then unreserved, reserved (no `#`) or percent-encoded characters. */
const absoluteUri = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/
const hostAndPort = /^[A-Za-z0-9.-]+:\d{1,5}(?:\/|$)/
const plainName = /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/

/**
 * An audience is named by an absolute URI without fragment (RFC 8707 section 2). `legacy` allows a plain name too, since
 * older servers put one in `aud`.
 */
export function identifierProblem(identifier: string, legacy: boolean): string | null {
  if (identifier.includes("#")) return "must not have a fragment (RFC 8707 section 2)"
  if (/\s/.test(identifier)) return "must not hold white space"
  if (legacy)
    return plainName.test(identifier) || uriProblem(identifier) === null
      ? null
      : "must be an absolute URI or a plain name of letters, digits and . _ : / -"
  return uriProblem(identifier)
}

function uriProblem(identifier: string): string | null {
  if (hostAndPort.test(identifier)) return "looks like host and port: write it with its scheme, such as https://"
  if (!absoluteUri.test(identifier) || !URL.canParse(identifier))
    return 'must be an absolute URI, such as https://payments.example (a plain name needs "legacy": true)'
  const url = new URL(identifier)
  if (url.username !== "" || url.password !== "") return "must not carry a user name or password"
  return null
}

/** RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ). */
export const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * A client name is its OAuth client_id everywhere. Safe in a URL path, a file name, a Kubernetes name's neighbour and a
 * grant key: letters, digits, `.`, `_`, `-`. Case counts, as it does in a client_id (RFC 6749 section 2.2).
 */
export const clientName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

export const signingAlgs = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const
export const authMethods = ["client_secret_basic", "client_secret_post", "private_key_jwt"] as const
export const tokenFormats = ["jwt", "opaque"] as const

/** One minute to one day. The checklist advises 5 to 15 minutes and at most an hour (lib/posture). */
export const tokenTtlSeconds = { min: 60, max: 86_400 } as const
