import { auth0Kind } from "./auth0/kind-entry.ts"
import { cognitoKind } from "./cognito/kind-entry.ts"
import { entraKind } from "./entra/kind-entry.ts"
import { keycloakKind } from "./keycloak/kind-entry.ts"
import type { ProviderKind } from "./kind.ts"
import { openLocal } from "./local/local.ts"
import { goAuthkitKind } from "./go_authkit/kind-entry.ts"
import { localSettings } from "./local/shapes.ts"
import { oidcKind } from "./oidc/kind-entry.ts"
import { oktaKind } from "./okta/kind-entry.ts"
import { openiddictKind } from "./openiddict/kind-entry.ts"

/** Every kind that can be connected. */
export const kinds: readonly ProviderKind[] = [
  {
    kind: "local",
    title: "Local identity provider",
    versions: "The one that comes with this version of Grantry.",
    verified: [
      {
        against: "real server",
        what: "The local identity provider itself, the whole contract suite.",
        on: "2026-11-21",
      },
    ],
    privileges: [],
    mapping: [
      { ours: "service client", theirs: "client", why: "Its client_id is its name." },
      { ours: "audience", theirs: "resource server", why: "Asked for by the parameter resource (RFC 8707)." },
      { ours: "audience grant", theirs: "grant", why: "Enforced exactly, per audience." },
    ],
    settings: localSettings,
    secrets: ["admin_token"],
    endpoints(settings) {
      const { issuer } = localSettings.pick({ issuer: true }).parse(settings)
      return {
        issuer,
        tokenEndpoint: `${issuer}/token`,
        jwksUri: `${issuer}/jwks`,
        introspectionEndpoint: `${issuer}/token/introspection`,
      }
    },
    open: openLocal,
  },
  auth0Kind,
  cognitoKind,
  entraKind,
  keycloakKind,
  oidcKind,
  oktaKind,
  openiddictKind,
  goAuthkitKind,
]

export const kindOf = (kind: string): ProviderKind | null => kinds.find((known) => known.kind === kind) ?? null
