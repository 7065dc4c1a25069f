import { describe, expect, test } from "vitest"
import { goAuthkitKind } from "../connectors/go_authkit/kind-entry.ts"
import { requireSecretsAgain } from "./settings.ts"

describe("a sealed secret does not follow an address that moves", () => {
  const before = {
    settings: { base_url: "https://idp.example", grpc_target: "idp.example:443" },
    sealedSettings: { bearer_token: {} },
  }
  const again = (patch: Record<string, unknown>) => () => requireSecretsAgain(goAuthkitKind, before, patch)

  test.each([
    ["another base address", { base_url: "https://evil.example" }],
    ["another gRPC target", { grpc_target: "evil.example:443" }],
    ["a first introspection endpoint", { introspection_endpoint: "https://evil.example/introspect" }],
  ])("%s asks for it again", (_name, patch) => expect(again(patch)).toThrow())

  test.each([
    ["another path of the same host", { base_url: "https://idp.example/realm" }],
    ["the same target", { grpc_target: "IDP.example:443" }],
    ["what is no address", { grpc_ca: "-----BEGIN CERTIFICATE-----" }],
    ["a move with the secret", { base_url: "https://other.example", bearer_token: "new" }],
  ])("%s does not", (_name, patch) => expect(again(patch)).not.toThrow())
})
