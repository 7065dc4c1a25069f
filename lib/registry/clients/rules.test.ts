import { describe, expect, test } from "vitest"
import { person } from "../registry.fixture.ts"
import type { ClientView } from "../schema.ts"
import { clientChanges, clientFacts, patched } from "./rules.ts"

const client: ClientView = {
  id: "0190a000-0000-7000-8000-000000000001",
  name: "order-service",
  display_name: "Orders",
  owner: "team",
  description: "",
  auth_method: "client_secret_basic",
  jwks: null,
  provider_ids: ["b"],
  tags: [],
  enabled: true,
  created_at: "2026-11-20T10:00:00.000Z",
  updated_at: "2026-11-20T10:00:00.000Z",
  version: 1,
}
const jwks = { keys: [{ kty: "EC", crv: "P-256", x: "x", y: "y" }] }
const ada = person("admin")

describe("patched", () => {
  test("changes what the patch names and nothing else; an absent value is no value", () =>
    expect(patched(clientFacts(client), { owner: "other", tags: undefined, provider_ids: ["b", "a"] })).toEqual({
      ...clientFacts(client),
      owner: "other",
      provider_ids: ["a", "b"],
    }))

  test("the name may be said again, and not changed", () => {
    expect(patched(clientFacts(client), { name: client.name })).toEqual(clientFacts(client))
    expect(() => patched(clientFacts(client), { name: "other" })).toThrow(
      expect.objectContaining({ code: "name_is_permanent", status: 409 }),
    )
  })

  test("keys come with private_key_jwt and go with it", () => {
    expect(() => patched(clientFacts(client), { auth_method: "private_key_jwt" })).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: "jwks", code: "required" })] }),
    )
    const keyed = patched(clientFacts(client), { auth_method: "private_key_jwt", jwks })
    expect(keyed.jwks).toEqual(jwks)
    expect(patched(keyed, { auth_method: "client_secret_post" }).jwks).toBeNull()
    expect(() => patched(clientFacts(client), { jwks })).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: "jwks", code: "not_allowed" })] }),
    )
  })
})

describe("clientChanges", () => {
  const actions = (after: Partial<ClientView>) =>
    clientChanges(ada, client, { ...client, version: 2, ...after }).map((change) => change.action)

  test.each<[Partial<ClientView>, string[]]>([
    [{}, []],
    [{ owner: "other" }, ["client.update"]],
    [{ enabled: false }, ["client.disable"]],
    [{ enabled: false, owner: "other" }, ["client.update", "client.disable"]],
  ])("%j is told as %j", (after, expected) => expect(actions(after)).toEqual(expected))

  test("enabling is told as such", () =>
    expect(clientChanges(ada, { ...client, enabled: false }, client)).toMatchObject([
      { action: "client.enable", before: { enabled: false }, after: { enabled: true } },
    ]))
})
