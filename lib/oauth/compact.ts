import { base64url } from "jose"
import { isRecord } from "./call.ts"
import { TokenRejected } from "./errors.ts"

/** A JWT in its one spelling, not yet verified. */
export interface CompactToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly alg: string
  readonly kid: string | undefined
}

const tokenBytesMax = 65_536
const depthMax = 32

/**
 * Takes a compact JWS apart, strictly: three segments, canonical base64url, UTF-8 JSON objects without a repeated
 * member, no `crit`, no `none`. Stricter than RFC 7515 asks, so that one token has one spelling: deny lists and
 * de-duplication rest on that. Throws `TokenRejected` with `malformed`, `wrong_type` (encrypted, extensions) or `algorithm_not_allowed`.
 */
export function parseCompact(token: string): CompactToken {
  if (token.length > tokenBytesMax)
    throw new TokenRejected("malformed", `The token is longer than ${tokenBytesMax} bytes`)
  const segments = token.split(".")
  if (segments.length === 5) throw new TokenRejected("wrong_type", "The token is encrypted (JWE)")
  const [head, body, signature] = segments
  if (segments.length !== 3 || head === undefined || body === undefined || signature === undefined) {
    throw new TokenRejected("malformed", `A compact JWS has three segments, this has ${segments.length}`)
  }
  const header = object(head, "header")
  const { alg, kid } = header
  if (typeof alg !== "string") throw new TokenRejected("malformed", "The header names no algorithm")
  if (alg.toLowerCase() === "none")
    throw new TokenRejected("algorithm_not_allowed", "The token is unsecured (alg none)")
  if ("crit" in header || "b64" in header) {
    throw new TokenRejected("wrong_type", "The header demands an extension, and none is implemented here")
  }
  if (kid !== undefined && (typeof kid !== "string" || kid.length > 256)) {
    throw new TokenRejected("malformed", "kid is not a text of at most 256 characters")
  }
  const claims = object(body, "payload")
  if (signature === "") throw new TokenRejected("invalid_signature", "The signature is empty", { claimed: claims, kid })
  octets(signature, "signature")
  return { header, claims, alg, kid }
}

function object(segment: string, name: string): Record<string, unknown> {
  const bytes = octets(segment, name)
  let text: string
  let value: unknown
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new TokenRejected("malformed", `The ${name} is not UTF-8 JSON`, { cause })
  }
  if (!isRecord(value)) throw new TokenRejected("malformed", `The ${name} is not a JSON object`)
  refuseRepeats(text, name)
  return value
}

function octets(segment: string, name: string): Uint8Array {
  const decoded = /^[A-Za-z0-9_-]*$/.test(segment) ? decode(segment) : undefined
  if (decoded === undefined || base64url.encode(decoded) !== segment) {
    throw new TokenRejected("malformed", `The ${name} is not canonical base64url`)
  }
  return decoded
}

function decode(segment: string): Uint8Array | undefined {
  try {
    return base64url.decode(segment)
  } catch {
    return undefined
  }
}

/**
 * JSON.parse keeps the last of two equal members; another reader may keep the first (RFC 8725 section 2.6). The text is
 * known to be well-formed, so strings and brackets are all that needs to be seen. Names compare unescaped.
 */
function refuseRepeats(text: string, name: string): void {
  const open: (Set<string> | undefined)[] = []
  let latest = ""
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (mark === "{") open.push(new Set())
    else if (mark === "[") open.push(undefined)
    else if (mark === "}" || mark === "]") open.pop()
    else if (mark !== ":") latest = mark
    else {
      const member = JSON.parse(latest) as string
      const members = open.at(-1)
      if (members?.has(member)) throw new TokenRejected("malformed", `The ${name} holds a member twice`)
      members?.add(member)
    }
    if (open.length > depthMax) throw new TokenRejected("malformed", `The ${name} is nested deeper than ${depthMax}`)
  }
}
