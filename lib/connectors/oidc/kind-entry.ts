import { guessedEndpoints } from "../discovery.ts"
import type { ProviderKind } from "../kind.ts"
import { openOidc } from "./oidc.ts"
import { oidcSettings } from "./settings.ts"

export const oidcKind: ProviderKind = {
  kind: "oidc",
  title: "Any OpenID Connect or OAuth server with dynamic registration",
  versions: "RFC 7591 and RFC 7592. What a server leaves out is found by trying and told as it is.",
  verified: [
    {
      against: "real server",
      what: "The local identity provider's registration endpoints (oidc-provider 9.13), the whole contract suite.",
      on: "2026-11-21",
    },
    {
      against: "real server",
      what: "The client registration service of Keycloak 26.7.4, the whole contract suite.",
      on: "2026-11-21",
    },
    {
      against: "real server",
      what: "glewlwyd 2.7.5: registration, first secret, a real token, rotation, removal; updates that end a secret are refused.",
      on: "2026-11-21",
    },
    {
      against: "own fake",
      what: "A hostile server: tokens that change with each read, new secrets with each update, missing verbs, dropped fields, lost answers.",
      on: "2026-11-21",
    },
  ],
  privileges: [
    {
      name: "initial access token",
      gives: "Registers clients. Bind it to client_credentials where the server has such policies.",
      needed: "to write",
    },
    { name: "a client that may introspect", gives: "Introspection from the token debugger.", needed: "optional" },
  ],
  mapping: [
    { ours: "service client", theirs: "registered client", why: "Its client_id is chosen by the server." },
    { ours: "scope", theirs: "word in scope", why: "Exact where the server shows it again." },
    {
      ours: "audience",
      theirs: "none",
      why: "Registration has no audience: Grantry remembers which scopes belong to it; which aud a token gets is the server's choice.",
    },
    {
      ours: "audience grant",
      theirs: "words in scope",
      why: "One flat list per client, so a grant is widened. What a client without any scope may ask for is the server's choice (RFC 7591 section 2).",
    },
    {
      ours: "secret",
      theirs: "client_secret",
      why: "One, made by the server. It can be replaced only where the server issues a new one on update.",
    },
    { ours: "token life, format, algorithm", theirs: "none", why: "The server's choice." },
    { ours: "disabled client", theirs: "deleted registration", why: "There is no switch." },
    {
      ours: "owner",
      theirs: "contacts",
      why: "Sent where it is an e-mail address; unknown where the server does not show it.",
    },
  ],
  settings: oidcSettings,
  secrets: ["initial_access_token", "client_secret"],
  endpoints: (settings) =>
    guessedEndpoints(oidcSettings.pick({ issuer: true }).parse(settings).issuer, "/token", "/jwks"),
  open: (opened) => openOidc(opened),
}
