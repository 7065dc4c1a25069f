import { isNone } from "../../lib/token/algorithms.ts"
import { decode, type Members } from "../../lib/token/decode.ts"
import { explain, type Explained } from "../../lib/token/explain.ts"
import type { Overall } from "../../lib/token/inspect.ts"
import { type TokenKind, tokenKind } from "../../lib/token/kind.ts"
import { fromPaste } from "../../lib/token/paste.ts"
import { readSeconds } from "../../lib/token/seconds.ts"

/** What the browser alone can say of pasted text. Nothing of it is verified, so `overall` is never `valid`. */
export interface Local {
  readonly token: string
  readonly note: string | null
  readonly overall: Exclude<Overall, "valid" | "rejected"> | "opaque"
  readonly why: string
  readonly header: Members | null
  readonly claims: Members | null
  readonly members: readonly Explained[]
  readonly kind: TokenKind | null
  readonly issuer: string | null
  /** Seconds that the token still lives by its own word; null when it has ended or does not say. */
  readonly livesSeconds: number | null
}

/** Decodes while typing. Pure; the clock is an argument, in milliseconds. Null for an empty box. */
export function readLocally(text: string, nowMs: number): Local | null {
  const { token, note } = fromPaste(text)
  if (token === "") return null
  const decoded = decode(token)
  const { header } = decoded
  const claims = decoded.form === "jws" ? decoded.payload.claims : null
  const exp = claims === null ? "" : readSeconds(claims.exp)
  const left = typeof exp === "number" ? exp - nowMs / 1_000 : 0
  const said = {
    token,
    note,
    header,
    claims,
    members: explain(header, claims),
    kind: header === null ? null : tokenKind(header, claims),
    issuer: typeof claims?.iss === "string" ? claims.iss : null,
    livesSeconds: left > 0 ? left : null,
  }
  if (isNone(header?.alg))
    return {
      ...said,
      overall: "unsecured",
      why: "The header says alg none: nobody signed it, anybody could have written it.",
    }
  switch (decoded.form) {
    case "jws":
      return {
        ...said,
        overall: "not_verified",
        why:
          decoded.payload.claims === null
            ? decoded.payload.problem
            : "Anybody can write these words. Verify asks the issuer's keys and the registry.",
      }
    case "malformed":
      return { ...said, overall: "malformed", why: decoded.why }
    case "opaque":
      return { ...said, overall: "opaque", why: decoded.why }
    case "jwe_compact":
    case "jwe_json":
      return { ...said, overall: "encrypted", why: decoded.why }
    default:
      return { ...said, overall: "unsupported", why: decoded.why }
  }
}
