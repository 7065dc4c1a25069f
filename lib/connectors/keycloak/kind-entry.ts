import type { ProviderKind } from "../kind.ts"
import { openKeycloak } from "./keycloak.ts"
import { keycloakSettings, realmUrl, tokenUrl } from "./settings.ts"

export const keycloakKind: ProviderKind = {
  kind: "keycloak",
  title: "Keycloak",
  versions: "Keycloak 26.x, admin REST API v1; tried with 26.7.4 on Java 17.",
  verified: [
    {
      against: "real server",
      what: "Keycloak 26.7.4, the whole contract suite, with and without its secret-rotation policy.",
      on: "2026-11-21",
    },
    { against: "own fake", what: "The same suites, for machines without Java.", on: "2026-11-21" },
  ],
  privileges: [
    {
      name: "realm-management: manage-clients",
      gives: "reads and writes clients, client scopes, assignments and secrets",
      needed: "to write",
    },
    { name: "realm-management: view-clients", gives: "reads them, where nothing is to be written", needed: "always" },
    {
      name: "realm-management: view-events",
      gives: "reads token events and the authors of changes",
      needed: "for logs",
    },
    {
      name: "realm-management: view-realm",
      gives: "reads the secret-rotation policy, which decides between overlap and cut-over",
      needed: "for secrets",
    },
    { name: "realm-management: view-users", gives: "names the people behind changes", needed: "optional" },
  ],
  mapping: [
    {
      ours: "service client",
      theirs: "client",
      why: "A confidential client with a service account; all browser flows are off. Its client_id is its name.",
    },
    {
      ours: "scope",
      theirs: "client scope",
      why: "Scope names are unique per realm: a word that is taken there is stored as {audience}/{scope}.",
    },
    {
      ours: "audience",
      theirs: "audience mapper in each of its scopes, and a client of its own",
      why: "The audience appears in aud only when one of its scopes is granted. Its client holds the credentials that may introspect its tokens.",
    },
    {
      ours: "audience grant",
      theirs: "optional client scopes",
      why: "Exact while a client's grants are on one audience of the realm, widened from the second on: one request may mix scopes of two audiences, and such a token carries both in aud.",
    },
    {
      ours: "secret",
      theirs: "client secret and rotated client secret",
      why: "Overlap needs the secret-rotation policy of the realm; without it rotation is an instant cut-over.",
    },
    {
      ours: "key pair",
      theirs: "signed JWT authenticator with inline keys",
      why: "Two public keys may be live; the log says which one was used.",
    },
    {
      ours: "token lifetime",
      theirs: "client attribute access.token.lifespan",
      why: "Lifetime is per client: the smallest of its audiences is used. The realm's SSO Session Max caps it.",
    },
    {
      ours: "signing algorithm",
      theirs: "client attribute access.token.signed.response.alg",
      why: "Keycloak makes a missing key at first use; services must fetch the key set again then.",
    },
    { ours: "token format", theirs: "JWT", why: "Keycloak issues JWT access tokens only; opaque ones are refused." },
    {
      ours: "disabled client",
      theirs: "enabled",
      why: "New tokens are refused and introspection turns inactive at once; JWTs that are checked locally live until they expire.",
    },
  ],
  settings: keycloakSettings,
  secrets: ["client_secret"],
  endpoints(settings) {
    const known = keycloakSettings.pick({ base_url: true, realm: true }).parse(settings)
    const issuer = realmUrl(known)
    return {
      issuer,
      tokenEndpoint: tokenUrl(known),
      jwksUri: `${issuer}/protocol/openid-connect/certs`,
      introspectionEndpoint: `${issuer}/protocol/openid-connect/token/introspect`,
    }
  },
  open: openKeycloak,
}
