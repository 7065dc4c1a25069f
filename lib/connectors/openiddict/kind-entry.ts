import { guessedEndpoints } from "../discovery.ts"
import type { ProviderKind } from "../kind.ts"
import { openOpeniddict } from "./openiddict.ts"
import { openiddictSettings } from "./settings.ts"

export const openiddictKind: ProviderKind = {
  kind: "openiddict",
  title: "OpenIddict",
  versions: "Descriptors as in OpenIddict 6 and 7, by a bundle file or the bundle API (docs/openiddict-bundle.md).",
  verified: [
    {
      against: "twin",
      what: "The whole contract suite on a host of ours, written from OpenIddict's published behaviour: introspection, encrypted and reference tokens, the bundle API. No .NET host was run.",
      on: "2026-11-21",
    },
  ],
  privileges: [
    { name: "ept:introspection", gives: "Introspection with our own application.", needed: "always" },
    { name: "bundle_token", gives: "Reading and writing descriptors over the bundle API.", needed: "to write" },
  ],
  mapping: [
    {
      ours: "service client",
      theirs: "application with ept:token and gt:client_credentials",
      why: "Its client_id is its name.",
    },
    {
      ours: "scope",
      theirs: "scope descriptor, and scp:<name> on applications",
      why: "Names are one space at the host.",
    },
    {
      ours: "audience",
      theirs: "resources of its scopes; a registered resource from OpenIddict 7",
      why: "Which aud a token carries is decided by code in the host application.",
    },
    {
      ours: "audience grant",
      theirs: "scp: and resource permissions",
      why: "Two flat lists: exact on one audience, widened from the second on.",
    },
    {
      ours: "secret",
      theirs: "ClientSecret, hashed",
      why: "One: a new one ends the old one. Two public keys overlap.",
    },
    { ours: "token life", theirs: "Settings tkn_lft:act", why: "One per client: the smallest of its audiences." },
    { ours: "token format", theirs: "option of the whole server", why: "The bundle carries the wish." },
    { ours: "signing algorithm", theirs: "option of the whole server", why: "Not written." },
    { ours: "disabled client", theirs: "application without ept:token", why: "Tokens already issued live on." },
    { ours: "owner, mark", theirs: "Properties.grantry", why: "Exact." },
    { ours: "names in other languages", theirs: "DisplayNames, Descriptions", why: "Kept as the host has them." },
  ],
  settings: openiddictSettings,
  secrets: ["client_secret", "bundle_token"],
  endpoints: (settings) =>
    guessedEndpoints(
      openiddictSettings.pick({ issuer: true }).parse(settings).issuer.replace(/\/+$/, ""),
      "/connect/token",
      "/.well-known/jwks",
    ),
  open: (opened) => openOpeniddict(opened),
}
