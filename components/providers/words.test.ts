import { expect, test } from "vitest"
import { settingLabel } from "./words.ts"

test("a setting's name is read as words, its short forms as they are written", () => {
  expect(["client_id", "base_url", "private_key_jwk", "grpc_ca", "realm"].map(settingLabel)).toEqual([
    "Client ID",
    "Base URL",
    "Private key JWK",
    "gRPC CA",
    "Realm",
  ])
})
