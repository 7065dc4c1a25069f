import type { ProviderKind } from "../kind.ts"
import { openAuth0 } from "./auth0.ts"
import { privileges } from "./privileges.ts"
import { auth0Settings } from "./settings.ts"

export const auth0Kind: ProviderKind = {
  kind: "auth0",
  title: "Auth0",
  versions: "Management API v2 of the public cloud, as its contract stood in 2026.",
  verified: [
    {
      against: "own fake",
      what: "The whole contract suite against our own stateful fake of a tenant, not against a live tenant.",
      on: "2026-11-21",
    },
    {
      against: "vendor contract",
      what: "Requests of the connector and answers of the fake, both checked against the vendor's OpenAPI document.",
      on: "2026-11-21",
    },
  ],
  privileges,
  mapping: [
    { ours: "service client", theirs: "client, machine to machine", why: "The client_id is chosen by Auth0." },
    {
      ours: "scope",
      theirs: "permission of an API",
      why: "A scope exists only inside its API; the same word in two APIs is two scopes.",
    },
    {
      ours: "audience",
      theirs: "API (resource server)",
      why: "Its identifier never changes: another identifier is another API.",
    },
    { ours: "audience grant", theirs: "client grant", why: "Exact: its scopes are a hard ceiling." },
    {
      ours: "secret",
      theirs: "client_secret",
      why: "Auth0 keeps one secret. The old one stops working within about 30 s of rotation; there is no overlap.",
    },
    {
      ours: "public keys",
      theirs: "credentials of private_key_jwt",
      why: "Two at a time, so keys do overlap. Auth0 never tells a key again; a stranger's key shows as its id.",
    },
    {
      ours: "token life",
      theirs: "token_lifetime of the API",
      why: "It belongs to the API: all its clients get the same.",
    },
    {
      ours: "signing algorithm",
      theirs: "signing_alg of the API",
      why: "Exact. HS256 is refused: it is a shared secret.",
    },
    {
      ours: "enabled",
      theirs: "the grant type client_credentials",
      why: "Auth0 has no disabled state. Disabling removes client_credentials from the grant types; tokens already issued live until they expire.",
    },
    {
      ours: "owner, our mark",
      theirs: "client_metadata; the end of an API's name",
      why: "Grants have no place for a mark: Grantry alone remembers whose they are.",
    },
  ],
  settings: auth0Settings,
  secrets: ["client_secret"],
  endpoints(settings) {
    const { base_url: baseUrl } = auth0Settings.pick({ base_url: true }).parse(settings)
    return {
      issuer: `${baseUrl}/`,
      tokenEndpoint: `${baseUrl}/oauth/token`,
      jwksUri: `${baseUrl}/.well-known/jwks.json`,
      introspectionEndpoint: null,
    }
  },
  open: openAuth0,
}
