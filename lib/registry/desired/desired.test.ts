import { describe, expect, test } from "vitest"
import { desired, type Wanted } from "./desired.ts"

const now = new Date("2027-01-01T00:00:00Z")
const client = (id: string, more: object = {}) => ({
  id,
  name: `c-${id}`,
  display_name: "C",
  owner: "o",
  auth_method: "client_secret_basic",
  jwks: null,
  enabled: true,
  ...more,
})
const audience = (id: string) => ({
  id,
  identifier: `https://${id}.example`,
  name: "A",
  token_ttl_seconds: 300,
  token_format: "jwt",
  signing_alg: "RS256",
  scopes: [
    { name: "w", description: "" },
    { name: "r", description: "" },
  ],
})
const wanted = (more: Partial<Wanted> = {}): Wanted => ({
  clients: [client("2"), client("1")],
  audiences: [audience("b"), audience("a")],
  grants: [
    { client_id: "2", audience_id: "a", scopes: ["w", "r"], expires_at: null },
    { client_id: "1", audience_id: "a", scopes: ["r"], expires_at: new Date("2027-01-01T00:00:01Z") },
  ],
  ...more,
})

describe("desired state", () => {
  test("comes in the order of creation, sorted, with sorted scopes", () => {
    const objects = desired(wanted(), now)
    expect(objects.map((o) => `${o.kind} ${o.key}`)).toEqual([
      "audience https://a.example",
      "audience https://b.example",
      "client c-1",
      "client c-2",
      "grant c-1 https://a.example",
      "grant c-2 https://a.example",
    ])
    expect(objects[0]?.fields.scopes).toEqual([
      { name: "r", description: "" },
      { name: "w", description: "" },
    ])
    expect(objects.at(-1)?.fields).toEqual({ scopes: ["r", "w"] })
  })
  test("a grant is out from the moment of its end on", () => {
    const keys = (at: string) =>
      desired(wanted(), new Date(at))
        .filter((o) => o.kind === "grant")
        .map((o) => o.key)
    expect(keys("2027-01-01T00:00:00.999Z")).toHaveLength(2)
    expect(keys("2027-01-01T00:00:01.000Z")).toEqual(["c-2 https://a.example"])
  })
  test("a disabled client stays, disabled, with its grants", () => {
    const objects = desired(wanted({ clients: [client("1"), client("2", { enabled: false })] }), now)
    expect(objects.find((o) => o.key === "c-2")?.fields.enabled).toBe(false)
    expect(objects.some((o) => o.key === "c-2 https://a.example")).toBe(true)
  })
  test("the registry's own bookkeeping never reaches a provider", () => {
    for (const object of desired(wanted(), now))
      expect(JSON.stringify(object)).not.toMatch(/"(id|version|created_at|provider_ids)"/)
  })
})
