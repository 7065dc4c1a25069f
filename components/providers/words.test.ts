import { expect, test } from "vitest"
import { inSentence, settingLabel } from "./words.ts"

test("a setting's name is read as words, its short forms as they are written", () => {
  expect(["client_id", "base_url", "private_key_jwk", "grpc_ca", "realm"].map(settingLabel)).toEqual([
    "Client ID",
    "Base URL",
    "Private key JWK",
    "gRPC CA",
    "Realm",
  ])
})

test("the kind that is no product stands small after other words, and a product as it is written", () => {
  expect(["Any server with registration", "Keycloak"].map(inSentence)).toEqual([
    "any server with registration",
    "Keycloak",
  ])
})
