import { isObject } from "../base/json.ts"
import { decodeBase64url, nameOf } from "./base64url.ts"
import { parseStrictJson } from "./strict-json.ts"

/** V25. Far above any real token, far below what could stall a page. */
export const tokenOctetsMax = 65_536

export type Members = Readonly<Record<string, unknown>>

/** A form that we recognise and name, and do not verify (6.1: `unsupported` and `encrypted`). */
export type OtherForm =
  | "jws_json_general"
  | "jws_json_flattened"
  | "jws_detached"
  | "jws_unencoded"
  | "nested_jwt"
  | "jwe_compact"
  | "jwe_json"

export interface CompactJws {
  readonly form: "jws"
  readonly header: Members
  /** The claims, or why there are none. A payload that is no JSON object may still carry a correct signature. */
  readonly payload: { readonly claims: Members } | { readonly claims: null; readonly problem: string }
  readonly signature: Uint8Array<ArrayBuffer>
  /** The octets that are signed: header segment, dot, payload segment. De-duplicate by this, never by the whole token. */
  readonly signingInput: string
}

export type Decoded =
  | CompactJws
  | { readonly form: OtherForm; readonly header: Members | null; readonly why: string }
  /** `at` is the octet of the token, from 0, where it stops being a token. `opaque` is one segment: nothing to decode. */
  | {
      readonly form: "malformed" | "opaque"
      readonly header: Members | null
      readonly why: string
      readonly at: number
    }

/**
 * Decodes a token without trusting it: compact JWS (RFC 7515 section 7.1) in its one strict spelling; every other form
 * is named. Trims nothing. Total: no input throws. Runs in the browser too, so nothing of Node is imported.
 */
export function decode(token: string): Decoded {
  if (token.length === 0) return malformed(0, "The token is empty.")
  if (token.length > tokenOctetsMax) return malformed(tokenOctetsMax, "The token is longer than 64 KiB.")
  if (/^\s*\{/.test(token)) return decodeJson(token)
  const segments = token.split(".")
  const [first = "", second = "", third = ""] = segments
  const stray = /[^A-Za-z0-9_.-]/.exec(token)
  if (segments.length === 1) {
    return stray
      ? malformed(stray.index, `${nameOf(stray[0])} stands in no token, and there is no dot: this is not a JWT.`)
      : {
          form: "opaque",
          header: null,
          at: token.length,
          why: "One segment and no dot: not a JWT. If it is an opaque (reference) token, only introspection by its issuer can judge it.",
        }
  }
  if (segments.length === 5) return decodeJwe(segments)
  if (segments.length !== 3) {
    return malformed(
      dotAt(token, Math.min(segments.length - 1, 3)),
      `A JWT has three segments, this has ${String(segments.length)}.`,
    )
  }
  const read = readHeader(first)
  if ("why" in read) return read
  const { header } = read
  if (header["b64"] === false) {
    return {
      form: "jws_unencoded",
      header,
      why: "The payload is not encoded (b64 is false, RFC 7797): such a token is not verified here.",
    }
  }
  const signature = segment(third, "signature", first.length + second.length + 2, header)
  if ("why" in signature) return signature
  if (second === "" && third !== "") {
    return {
      form: "jws_detached",
      header,
      why: "The payload is detached (RFC 7515 appendix F): without it there is nothing to verify.",
    }
  }
  const payload = segment(second, "payload", first.length + 1, header)
  if ("why" in payload) return payload
  if (isNested(header, payload.bytes)) {
    return {
      form: "nested_jwt",
      header,
      why: "The payload is itself a token (nested JWT, RFC 7519 section 5.2): take out the inner one and inspect that.",
    }
  }
  return {
    form: "jws",
    header,
    payload: readClaims(payload.bytes),
    signature: signature.bytes,
    signingInput: `${first}.${second}`,
  }
}

/** What a JWT claims about itself, not verified: for our own tokens and for hints. Null: it is no JWT, or holds no claims. */
export function unverifiedClaims(token: string): Members | null {
  const decoded = decode(token)
  return decoded.form === "jws" ? decoded.payload.claims : null
}

type Malformed = Extract<Decoded, { at: number }>

const malformed = (at: number, why: string, header: Members | null = null): Malformed => ({
  form: "malformed",
  header,
  at,
  why,
})

/** The octet of the n-th dot, from 1. */
function dotAt(token: string, n: number): number {
  let at = -1
  for (let dot = 0; dot < n; dot += 1) at = token.indexOf(".", at + 1)
  return at
}

function segment(text: string, name: string, offset: number, header: Members | null) {
  const decoded = decodeBase64url(text)
  if ("bytes" in decoded) return decoded
  const at = offset + decoded.at
  return malformed(at, `Malformed at octet ${String(at)}, in the ${name}: ${decoded.problem}.`, header)
}

function readHeader(text: string): { header: Members } | Malformed {
  const decoded = segment(text, "header", 0, null)
  if ("why" in decoded) return decoded
  const parsed = parseStrictJson(decoded.bytes)
  if ("problem" in parsed) {
    // Four characters carry three octets: the character that holds the wrong octet.
    const at = Math.min(Math.floor((parsed.at * 4) / 3), text.length)
    return malformed(
      at,
      `Malformed at octet ${String(at)}: the header ${parsed.problem} (octet ${String(parsed.at)} of the decoded header).`,
    )
  }
  if (!isObject(parsed.value)) return malformed(0, "Malformed at octet 0: the header is JSON, and no object.")
  return { header: parsed.value }
}

function readClaims(bytes: Uint8Array): CompactJws["payload"] {
  const parsed = parseStrictJson(bytes)
  if ("problem" in parsed)
    return {
      claims: null,
      problem: `The payload ${parsed.problem} (octet ${String(parsed.at)} of the decoded payload).`,
    }
  return isObject(parsed.value)
    ? { claims: parsed.value }
    : { claims: null, problem: "The payload is JSON, and no object: it holds no claims." }
}

/** RFC 7519 section 5.2 asks for `cty: JWT`; some issuers forget it, and the payload shows it. */
function isNested(header: Members, payload: Uint8Array): boolean {
  const contentType = header["cty"]
  if (typeof contentType === "string" && /^(application\/)?jwt$/i.test(contentType)) return true
  return /^eyJ[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){2,4}$/.test(new TextDecoder().decode(payload))
}

const encrypted =
  "Its claims can be read only by whoever holds the key for decryption. Introspect it instead: its issuer can read it."

function decodeJwe(segments: readonly string[]): Decoded {
  let offset = 0
  for (const [index, name] of [
    "header",
    "encrypted key",
    "initialisation vector",
    "ciphertext",
    "authentication tag",
  ].entries()) {
    const text = segments[index] ?? ""
    const decoded = segment(text, name, offset, null)
    if ("why" in decoded) return decoded
    offset += text.length + 1
  }
  const read = readHeader(segments[0] ?? "")
  if ("why" in read) return read
  return {
    form: "jwe_compact",
    header: read.header,
    why: `Encrypted (JWE compact, RFC 7516 section 7.1). ${encrypted}`,
  }
}

function decodeJson(token: string): Decoded {
  const parsed = parseStrictJson(new TextEncoder().encode(token))
  if ("problem" in parsed)
    return malformed(parsed.at, `Malformed at octet ${String(parsed.at)}: this JSON ${parsed.problem}.`)
  const value = parsed.value
  if (isObject(value)) {
    if ("ciphertext" in value)
      return {
        form: "jwe_json",
        header: protectedHeader(value),
        why: `Encrypted (JWE JSON, RFC 7516 section 7.2). ${encrypted}`,
      }
    if ("signatures" in value) {
      return {
        form: "jws_json_general",
        header: null,
        why: "JWS JSON serialisation, general (RFC 7515 section 7.2.1): access tokens are compact.",
      }
    }
    if ("signature" in value) {
      return {
        form: "jws_json_flattened",
        header: protectedHeader(value),
        why: `JWS JSON serialisation, flattened${"payload" in value ? "" : ", with a detached payload"} (RFC 7515 section 7.2.2): access tokens are compact.`,
      }
    }
  }
  return malformed(0, "Malformed at octet 0: JSON, and no token in it.")
}

function protectedHeader(value: Members): Members | null {
  if (typeof value["protected"] !== "string") return null
  const read = readHeader(value["protected"])
  return "why" in read ? null : read.header
}
