import type { CompactJws, Members } from "./decode.ts"
import type { KeySet } from "./keys.ts"
import type { TokenKind } from "./kind.ts"
import type { Selection } from "./select.ts"

/** What one check found. `why` is one plain sentence that carries the value found and the value expected. */
export interface Finding {
  readonly is: "pass" | "fail" | "warn" | "skip"
  readonly why: string
}

/**
 * What the token is compared with. All of it comes from the registry, the provider's settings or the person who asks;
 * nothing from the token. A member left out is not compared, and its check says so.
 */
export interface TokenContext {
  /** Seconds since 1970, RFC 7519 NumericDate. */
  readonly now: number
  /** Clock difference that is borne, in seconds; at most 60 (V18). Default 30. */
  readonly tolerance?: number
  /** `jws` asks about octets and key alone; the answer then says nothing about trust in claims. */
  readonly layer?: "jws" | "all"
  readonly keys?: KeySet
  /** Why there are no keys, for the sentence: `its key set could not be loaded`. */
  readonly keysProblem?: string
  readonly issuer?: string
  /** The issuer's configured algorithms (V5). Default: every asymmetric one, and HMAC for a caller's own key. */
  readonly algorithms?: readonly string[]
  readonly audience?: AudienceRule
  /** What the token is to be used as. Default `access`. */
  readonly use?: "access" | "id" | "logout"
  /** `at+jwt`: the audience asks for RFC 9068. `jwt`: the provider is known to say JWT, or nothing. */
  readonly type?: "at+jwt" | "jwt"
  /** `rfc9068` asks for its seven claims (V22). */
  readonly profile?: "rfc9068"
  /** The issuer's longest token life in seconds; older and longer tokens are flagged (V18). */
  readonly lifetimeMax?: number
  /** The registry's service client with the id that the token names; null when it has none. */
  readonly client?: { readonly name: string; readonly enabled: boolean } | null
  /** A provider may write a scope as `{audience}/{scope}`: these prefixes are dropped before scopes are compared. */
  readonly scopePrefixes?: readonly string[]
  /** Scopes that the called resource needs (V23). */
  readonly requiredScopes?: readonly string[]
  /** What the registry grants this client on this audience; null when nothing. */
  readonly grant?: Grant | null
  readonly introspection?: Introspection
}

export type AudienceRule =
  /** `known`: other audiences of the registry, which need no warning beside the expected one. */
  | { readonly mode: "exact"; readonly identifiers: readonly string[]; readonly known?: readonly string[] }
  /** Cognito writes no `aud`: a scope of the resource server and a client of the pool stand for it (V19). */
  | { readonly mode: "scope_prefix"; readonly identifiers: readonly string[] }

export interface Grant {
  readonly scopes: readonly string[]
  /** Every scope of the audience; a scope beyond them is none of the registry's. */
  readonly audienceScopes: readonly string[]
  /** Scopes that the provider adds because it cannot express the grant exactly, with the sentence that says so. */
  readonly widened?: readonly { readonly scope: string; readonly why: string }[]
}

/** An answer of RFC 7662, asked just now. */
export interface Introspection {
  readonly active: boolean
  /** Whether the asker is in the token's audience; if not, `active: false` proves nothing (V24). */
  readonly askerInAudience: boolean
  /** The scope of the answer, in any shape of V23; it decides where the token itself carries none. */
  readonly scope?: unknown
}

export interface Subject {
  readonly token: CompactJws
  readonly header: Members
  /** Null when the payload holds no claims; `claims` then fails and the other claim checks are skipped. */
  readonly claims: Members | null
  readonly kind: TokenKind
  readonly selection: Selection
}

interface Common {
  readonly name: string
  readonly title: string
  /** Where it is written: the RFC and its section. */
  readonly source: string
}

/** A question to the octets and the key; `payload` asks whether there are claims at all. */
export interface JwsCheck extends Common {
  readonly layer: "jws" | "payload"
  readonly run: (subject: Subject, context: TokenContext) => Finding
}

/** A question to the claims, asked only where there are some. */
export interface ClaimsCheck extends Common {
  readonly layer: "claims"
  readonly run: (subject: Subject & { readonly claims: Members }, context: TokenContext) => Finding
}

export type TokenCheck = JwsCheck | ClaimsCheck

export const pass = (why: string): Finding => ({ is: "pass", why })
export const fail = (why: string): Finding => ({ is: "fail", why })
export const warn = (why: string): Finding => ({ is: "warn", why })
export const skip = (why: string): Finding => ({ is: "skip", why })
