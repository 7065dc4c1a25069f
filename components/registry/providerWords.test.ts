import { expect, test } from "vitest"
import { kinds } from "../../lib/connectors/kinds.ts"
import { kindBeside, placeOf } from "./providerWords.ts"

const titles = Object.fromEntries(kinds.map(({ kind, title }) => [kind, title]))

test("a kind that the name says already is not said twice", () => {
  const environment = "development"
  expect(placeOf({ name: "local", kind: "local", environment }, titles)).toBe("development")
  expect(placeOf({ name: "Amazon Cognito", kind: "cognito", environment }, titles)).toBe("development")
  expect(placeOf({ name: "staff", kind: "keycloak", environment }, titles)).toBe("Keycloak · development")
})

test("a person reads the product's name, and of a kind that is no product what it is", () => {
  const kindsOf = ["auth0", "cognito", "entra", "oidc", "go_authkit", "later"]
  expect(kindsOf.map((kind) => kindBeside({ name: "staff", kind }, titles))).toEqual([
    "Auth0",
    "Amazon Cognito",
    "Microsoft Entra ID",
    "OpenID Connect or OAuth server",
    "go-authkit identity provider",
    "later",
  ])
})
