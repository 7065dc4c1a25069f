import { expect, test } from "vitest"
import { placeOf } from "./providerWords.ts"

test("a kind that the name says already is not said twice", () => {
  expect(placeOf({ name: "local", kind: "local", environment: "development" })).toBe("development")
  expect(placeOf({ name: "staff", kind: "keycloak", environment: "production" })).toBe("keycloak · production")
})
