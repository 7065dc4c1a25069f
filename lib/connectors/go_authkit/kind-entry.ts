import { guessedEndpoints } from "../discovery.ts"
import type { ProviderKind } from "../kind.ts"
import { openGoAuthkit } from "./go_authkit.ts"
import { goAuthkitSettings } from "./settings.ts"

export const goAuthkitKind: ProviderKind = {
  kind: "go_authkit",
  title: "go-authkit identity provider",
  versions: "The shapes of go-authkit 0.34: lenient discovery, introspection over HTTP and gRPC.",
  verified: [
    {
      against: "twin",
      what: "A twin of ours, written from go-authkit's published behaviour, over HTTP and over gRPC in plain text, with TLS and with mutual TLS. The original was not run.",
      on: "2026-11-21",
    },
  ],
  privileges: [
    { name: "an access token that may introspect", gives: "Introspection over HTTP and gRPC.", needed: "always" },
    { name: "a client certificate", gives: "gRPC where the service asks for mutual TLS.", needed: "optional" },
  ],
  mapping: [
    {
      ours: "service client, audience, audience grant, secret",
      theirs: "none",
      why: "Verified and introspected, not managed.",
    },
    {
      ours: "scope",
      theirs: "list of {rn, role}",
      why: "Read as rn:role. It may stand only in the introspection answer, and that answer decides.",
    },
  ],
  settings: goAuthkitSettings,
  secrets: ["bearer_token", "grpc_key"],
  endpoints(settings) {
    const { base_url: base, introspection_endpoint: fixed } = goAuthkitSettings
      .pick({ base_url: true, introspection_endpoint: true })
      .parse(settings)
    return { ...guessedEndpoints(base, "/idp/token", "/idp/keys"), introspectionEndpoint: fixed ?? null }
  },
  open: (opened) => openGoAuthkit(opened),
}
