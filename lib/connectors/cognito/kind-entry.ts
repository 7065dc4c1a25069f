import { guessedEndpoints } from "../discovery.ts"
import type { ProviderKind } from "../kind.ts"
import { openCognito } from "./cognito.ts"
import { privileges } from "./privileges.ts"
import { cognitoSettings, issuerOf } from "./settings.ts"

export const cognitoKind: ProviderKind = {
  kind: "cognito",
  title: "Amazon Cognito",
  versions: "User pools as their API model stood in 2026, with several secrets for each app client.",
  verified: [
    {
      against: "own fake",
      what: "The whole contract suite against our own stateful fake of a user pool, not against a live one.",
      on: "2026-11-21",
    },
    {
      against: "vendor contract",
      what: "Requests of the connector and answers of the fake, by the AWS SDK's own serialiser and by the vendor's API model; the connector also on moto 5.2.5, an imitation of AWS by others, which has no secrets, no tokens and no change of resource servers.",
      on: "2026-11-21",
    },
  ],
  privileges,
  mapping: [
    { ours: "service client", theirs: "app client", why: "The client_id is chosen by AWS." },
    {
      ours: "scope",
      theirs: "custom scope of a resource server",
      why: "Tokens carry it with its audience before it: https://api.orders.example/orders.read.",
    },
    {
      ours: "audience",
      theirs: "resource server",
      why: "Cognito's tokens for services carry no audience. A token for several APIs is one token with all their scopes; each API must check the scope prefix and client_id.",
    },
    {
      ours: "audience grant",
      theirs: "entries of AllowedOAuthScopes",
      why: "Widened: one flat list of at most 50 scopes for each client.",
    },
    {
      ours: "secret",
      theirs: "up to two client secrets",
      why: "Overlap until Grantry's timer deletes the old one; the last secret cannot be deleted.",
    },
    {
      ours: "token life",
      theirs: "AccessTokenValidity of the app client",
      why: "Lifetime is per client: the smallest of its audiences is used, from 5 minutes to 1 day.",
    },
    { ours: "signing algorithm", theirs: "RS256, always", why: "It cannot be chosen." },
    {
      ours: "enabled",
      theirs: "AllowedOAuthFlowsUserPoolClient",
      why: "Disabling switches OAuth off for the app client and keeps its scopes. Cognito switches none on that has no scope, so a client works from its first grant on.",
    },
    {
      ours: "owner, display name, public keys",
      theirs: "nothing",
      why: "App clients take no tags and no metadata, and prove themselves by a secret only.",
    },
    {
      ours: "our mark",
      theirs: "the end of the names of app clients and resource servers",
      why: "Whoever renames one there takes the mark away. Grants have no place for it: Grantry alone remembers whose they are.",
    },
  ],
  settings: cognitoSettings,
  secrets: ["secret_access_key"],
  endpoints(settings) {
    // The token endpoint is below the pool's domain, which only the pool knows.
    const known = cognitoSettings.pick({ region: true, user_pool_id: true, endpoint: true }).loose().parse(settings)
    const issuer = issuerOf({ access_key_id: "", secret_access_key: "", ...known })
    return guessedEndpoints(issuer, "/oauth2/token", "/.well-known/jwks.json")
  },
  open: openCognito,
}
