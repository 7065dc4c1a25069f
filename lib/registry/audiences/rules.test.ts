import { expect, test } from "vitest"
import type { AudienceView } from "../schema.ts"
import { audienceFacts, patched } from "./rules.ts"

const audience: AudienceView = {
  id: "0190a000-0000-7000-8000-000000000001",
  identifier: "https://payments.example",
  name: "Payments",
  legacy: false,
  token_ttl_seconds: 300,
  token_format: "jwt",
  signing_alg: "RS256",
  scopes: [{ name: "a", description: "" }],
  provider_ids: [],
  tags: [],
  created_at: "2026-11-20T10:00:00.000Z",
  updated_at: "2026-11-20T10:00:00.000Z",
  version: 1,
}
const facts = audienceFacts(audience)

test("a patch changes what it names; scopes and providers are kept in order", () =>
  expect(
    patched(facts, {
      name: "New",
      tags: undefined,
      scopes: [
        { name: "b", description: "" },
        { name: "B", description: "" },
        { name: "a", description: "" },
      ],
      provider_ids: ["2", "1"],
    }),
  ).toEqual({
    ...facts,
    name: "New",
    scopes: ["B", "a", "b"].map((name) => ({ name, description: "" })),
    provider_ids: ["1", "2"],
  }))

test("identifier and legacy may be said again, and not changed", () => {
  expect(patched(facts, { identifier: facts.identifier, legacy: false })).toEqual(facts)
  for (const patch of [{ identifier: "https://other.example" }, { legacy: true }])
    expect(() => patched(facts, patch)).toThrow(
      expect.objectContaining({ code: "identifier_is_permanent", status: 409 }),
    )
})
