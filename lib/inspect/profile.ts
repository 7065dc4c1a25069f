import type { AudienceRule, TokenContext } from "../token/check.ts"

export interface Profile {
  /** What its access tokens are like, for the checks `type` and `required_claims`. */
  readonly expects: Pick<TokenContext, "type" | "profile">
  readonly audienceMode: AudienceRule["mode"]
}

const plain: Profile = { expects: { type: "jwt" }, audienceMode: "exact" }

/** How the access tokens of a kind of provider look (V19, V21, V22). A kind that is not named writes plain JWTs. */
const profiles: ReadonlyMap<string, Profile> = new Map([
  // oidc-provider issues JWT access tokens by RFC 9068.
  ["local", { expects: { type: "at+jwt", profile: "rfc9068" }, audienceMode: "exact" }],
  // OpenIddict marks access tokens at+jwt; iat and jti depend on the host's settings.
  ["openiddict", { expects: { type: "at+jwt" }, audienceMode: "exact" }],
  // go-authkit's tokens are at+jwt, and carry no aud, iat or client_id.
  ["go_authkit", { expects: { type: "at+jwt" }, audienceMode: "exact" }],
  // Amazon Cognito writes no aud into client credentials tokens.
  ["cognito", { expects: { type: "jwt" }, audienceMode: "scope_prefix" }],
])

export const profileOf = (kind: string): Profile => profiles.get(kind) ?? plain
