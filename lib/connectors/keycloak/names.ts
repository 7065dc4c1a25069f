/** The words that we write into Keycloak objects, and ids that a repeated call finds again. */
import { sha256 } from "../../base/digest.ts"

/** Client and client-scope attributes of ours. Values are strings. */
export const attribute = {
  /** "true" on what we made. */
  managed: "grantry.managed",
  /** `client` or `audience`; `console` on Grantry's own client. */
  kind: "grantry.kind",
  /** `planId:changeId` of the change that made it. */
  marker: "grantry.marker",
  /** On Grantry's own client: the set-up that made it. */
  setUp: "grantry.setup",
  owner: "grantry.owner",
  /** "true": our rotation policy applies to this client, so that a new secret leaves the old one alive. */
  rotation: "grantry.rotation",
  /** `unseen` until the first secret of ours: Keycloak made one that nobody ever saw. */
  secret: "grantry.secret",
  /** On a client scope: whose it is, and its word in our registry. */
  audience: "grantry.audience",
  scope: "grantry.scope",
} as const

export const mapperName = "grantry-aud"
export const audienceMapper = "oidc-audience-mapper"

/** Keycloak's columns for clientId, name, description and scope names: VARCHAR(255). Longer is 500. */
export const textMax = 255

/** Words that stand for something else in every realm: never the name of a client scope of ours. */
export const reservedWords: ReadonlySet<string> = new Set([
  "openid",
  "profile",
  "email",
  "address",
  "phone",
  "offline_access",
  "roles",
  "web-origins",
  "microprofile-jwt",
  "acr",
  "basic",
  "service_account",
  "organization",
])

/** Clients that every realm brings; `*-realm` in master besides. */
export const builtInClients: ReadonlySet<string> = new Set([
  "account",
  "account-console",
  "admin-cli",
  "broker",
  "realm-management",
  "security-admin-console",
  "admin-permissions",
])

/** The name of a scope where its own word is taken by somebody else. */
export const longName = (audience: string, word: string): string => `${audience}/${word}`

/** A UUID (version 8, RFC 9562) from what makes the object unique, so that a lost answer is one GET away. */
export function idFrom(...parts: readonly string[]): string {
  const bytes = sha256(parts.join("\n")).subarray(0, 16)
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
