import { describe, expect, test } from "vitest"
import { Invalid, Refused } from "../../base/errors.ts"
import { changesBetween, pastEnds, readDocument } from "./document.ts"
import { parseText, printDocument } from "./text.ts"

const raw = {
  audiences: [
    {
      identifier: "https://pay.example",
      name: "Pay",
      token_ttl_seconds: 300,
      token_format: "jwt",
      signing_alg: "ES256",
      scopes: [{ name: "pay:write" }, { name: "pay:read", description: "See" }],
    },
  ],
  clients: [{ name: "orders", owner: "checkout", auth_method: "client_secret_basic", providers: ["local"] }],
  grants: [{ client: "orders", audience: "https://pay.example", scopes: ["pay:write"], reason: "charges" }],
}
const providers = new Set(["local"])
const errorsOf = (value: unknown): string[] => {
  try {
    readDocument(value, providers)
    return []
  } catch (error) {
    if (!(error instanceof Invalid)) throw error
    return error.errors.map((e) => `${e.path} ${e.code}`)
  }
}

describe("a registry document", () => {
  test("is read by the rules of each POST, with defaults filled in", () => {
    const document = readDocument(raw, providers)
    expect(document.clients[0]).toMatchObject({
      name: "orders",
      display_name: "orders",
      enabled: true,
      jwks: null,
      providers: ["local"],
    })
    expect(document.audiences[0]?.scopes.map((s) => s.name)).toEqual(["pay:read", "pay:write"])
  })

  test.each(["json", "yaml"] as const)("comes back from %s as it was", (notation) => {
    const document = readDocument(raw, providers)
    expect(readDocument(parseText(printDocument(document, notation), notation), providers)).toEqual(document)
  })

  test("every unusable field is named by its path", () => {
    expect(
      errorsOf({ ...raw, clients: [...raw.clients, { name: "a b", owner: "x", providers: ["nowhere"] }] }),
    ).toEqual(["clients.1.name bad_format"])
    expect(errorsOf({ ...raw, clients: [{ ...raw.clients[0], providers: ["nowhere"] }] })).toEqual([
      "clients.0.providers unknown_provider",
    ])
    expect(errorsOf({ ...raw, clients: [...raw.clients, ...raw.clients] })).toEqual(["clients.1 duplicate"])
    expect(errorsOf({ ...raw, grants: [{ ...raw.grants[0], client: "nobody", scopes: ["pay:all"] }] })).toEqual([
      "grants.0.client unknown_client",
      "grants.0.scopes.0 unknown_scope",
    ])
    expect(errorsOf({ ...raw, audiences: [] })).toEqual(["grants.0.audience unknown_audience"])
    expect(errorsOf({ ...raw, secrets: [] })).toEqual(["secrets unknown_field"])
    expect(errorsOf([])).toHaveLength(1)
  })

  test("two equal documents have no changes; an edit is one, field by field", () => {
    const before = readDocument(raw, providers)
    expect(changesBetween(before, readDocument(structuredClone(raw), providers))).toEqual([])
    const after = readDocument({ ...raw, clients: [{ ...raw.clients[0], owner: "payments" }], grants: [] }, providers)
    expect(changesBetween(before, after)).toMatchObject([
      { verb: "update", kind: "client", key: "orders", fields: [{ field: "owner", from: "checkout", to: "payments" }] },
      { verb: "delete", kind: "grant", key: "orders https://pay.example" },
    ])
  })

  test("a grant keeps a past end and gets none", () => {
    const ended = readDocument(
      { ...raw, grants: [{ ...raw.grants[0], expires_at: "2020-01-01T00:00:00Z" }] },
      providers,
    )
    const now = new Date("2027-01-01T00:00:00Z")
    expect(pastEnds(ended, ended, now)).toEqual([])
    expect(pastEnds(readDocument(raw, providers), ended, now).map((e) => e.path)).toEqual(["grants.0.expires_at"])
  })

  test("YAML that blows up, repeats a key or is none is refused", () => {
    const bomb = "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n"
    for (const text of [bomb, "a: 1\na: 2\n", "a: [", "a: !!js/function 'x'\n\t- b"])
      expect(() => parseText(text, "yaml"), text).toThrow(Refused)
    expect(() => parseText("{", "json")).toThrow(Refused)
  })
})
