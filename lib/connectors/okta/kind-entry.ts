import { z } from "zod"
import type { ProviderKind } from "../kind.ts"
import { endpointsAt } from "./issuer.ts"
import { openOkta } from "./okta.ts"
import { preconditions, privileges } from "./privileges.ts"
import { oktaSettings } from "./settings.ts"

/** What of the settings is there before its secrets are. */
const place = z.object({
  base_url: oktaSettings.shape.base_url,
  authorization_server_id: oktaSettings.shape.authorization_server_id,
})

export const oktaKind: ProviderKind = {
  kind: "okta",
  title: "Okta",
  versions: "Management API 2026.06, as its contract stood in 2026. An org with API Access Management.",
  verified: [
    {
      against: "own fake",
      what: "The whole contract suite against our own stateful fake of an org, not against a live tenant.",
      on: "2026-11-21",
    },
    {
      against: "vendor contract",
      what: "Requests of the connector and answers of the fake, both checked against the vendor's OpenAPI document.",
      on: "2026-11-21",
    },
  ],
  privileges: [...privileges, ...preconditions],
  mapping: [
    { ours: "service client", theirs: "app oidc_client of type service", why: "Our client_id is kept." },
    { ours: "scope", theirs: "scope of one authorization server", why: "Exact." },
    {
      ours: "audience",
      theirs: "authorization server",
      why: "Each audience is its own authorization server with its own issuer, keys and token URL. Needs API Access Management.",
    },
    {
      ours: "audience grant",
      theirs: "access policy for one client, with one rule",
      why: "Exact while our policy comes first. A policy above it decides instead and shows as drift; reverting puts ours first again.",
    },
    {
      ours: "secret",
      theirs: "client secret, two at most",
      why: "Both work until Grantry's timer deactivates the old one, which can be undone at Okta. Listing secrets is an event in Okta's System Log.",
    },
    {
      ours: "public keys",
      theirs: "jwks of the app",
      why: "Several keys work side by side. A client that goes over to keys loses all its secrets.",
    },
    {
      ours: "token life",
      theirs: "accessTokenLifetimeMinutes of the rule",
      why: "Whole minutes, 5 to 1440, for each grant.",
    },
    { ours: "token format, algorithm", theirs: "none", why: "Not configurable on Okta: signed JWTs with RS256." },
    { ours: "enabled", theirs: "status of the app", why: "Exact." },
    { ours: "owner, our mark", theirs: "profile of the app; descriptions of servers and policies", why: "Exact." },
  ],
  settings: oktaSettings,
  secrets: ["private_key_jwk", "api_token"],
  endpoints: (settings) => endpointsAt(place.parse(settings)),
  open: (opened) => openOkta(opened),
}
