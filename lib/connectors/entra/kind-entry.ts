import type { ProviderKind } from "../kind.ts"
import { openEntra } from "./entra.ts"
import { privileges } from "./privileges.ts"
import { entraSettings, issuerOf, tokenEndpointOf } from "./settings.ts"

export const entraKind: ProviderKind = {
  kind: "entra",
  title: "Microsoft Entra ID",
  versions: "Microsoft Graph v1.0 as its contract stood in August 2026; sign-ins of services from Graph beta.",
  verified: [
    {
      against: "own fake",
      what: "The whole contract suite against our own stateful fake of a tenant, not against a live tenant.",
      on: "2026-11-21",
    },
    {
      against: "vendor contract",
      what: "Requests of the connector and answers of the fake, both checked against the vendor's v1.0 contract; upserts, policy links and beta addresses are not in it.",
      on: "2026-11-21",
    },
  ],
  privileges,
  mapping: [
    {
      ours: "service client",
      theirs: "application and service principal",
      why: "Two objects. Its client_id is the application's id, chosen by Entra.",
    },
    {
      ours: "scope",
      theirs: "app role for applications",
      why: "Scope names become app role values; the role's GUID is derived and stable.",
    },
    {
      ours: "audience",
      theirs: "application with an identifier URI",
      why: "In version 2 tokens aud is the application's id, a GUID, not your audience URI.",
    },
    {
      ours: "audience grant",
      theirs: "one app role assignment for each scope",
      why: "Clients cannot ask for a subset; they always receive every granted scope.",
    },
    {
      ours: "no grant",
      theirs: "assignment required",
      why: "Grantry demands assignment on the audiences that it makes. Without it Entra issues tokens without roles to any client of the tenant.",
    },
    {
      ours: "secret",
      theirs: "client secret of the application",
      why: "Overlap with a hard end date, two years at most here; the value is Microsoft's and never readable again.",
    },
    {
      ours: "token life",
      theirs: "token lifetime policy on the audience",
      why: "10 minutes to a day. Without that permission 60 to 90 minutes, set by Microsoft.",
    },
    { ours: "signing algorithm", theirs: "none", why: "Always RS256." },
    {
      ours: "enabled",
      theirs: "accountEnabled of the service principal",
      why: "Tokens already issued live until they expire.",
    },
    {
      ours: "owner, our mark",
      theirs: "tags and the unique name",
      why: "Assignments have no place for a mark: Grantry alone remembers whose they are.",
    },
  ],
  settings: entraSettings,
  secrets: ["client_secret"],
  endpoints(settings) {
    const known = entraSettings.pick({ tenant_id: true, login_base_url: true }).parse(settings)
    return {
      issuer: issuerOf(known),
      tokenEndpoint: tokenEndpointOf(known),
      jwksUri: `${known.login_base_url}/${known.tenant_id}/discovery/v2.0/keys`,
      introspectionEndpoint: null,
    }
  },
  open: (opened) => openEntra(opened),
}
