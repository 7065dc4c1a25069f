import { randomUUID } from "node:crypto"
import { expect, test } from "vitest"
import { allowedName, clientKeyMax, clientName, isAllowedName, ourName, plainScope, wireScope } from "./names.ts"

const marker = `${randomUUID()}:${randomUUID()}`

test.each([
  ["order-service", marker, true],
  ["order-service", marker, false],
  ["svc_1.x", "plan-1:change-1", true],
  ["s", "m", false],
])("the name of %s tells its key, its marker and whether it is wanted on", (key, mark, enabled) => {
  const name = clientName({ key, marker: mark, enabled })
  expect(isAllowedName(name)).toBe(true)
  expect(name.length).toBeLessThanOrEqual(128)
  expect(ourName(name)).toEqual({ key, marker: mark, enabled })
})

test("where the marker has no room it is left out, on or off, and the mark stays", () => {
  for (const length of [68, 69, 73, 74, clientKeyMax]) {
    const key = "k".repeat(length)
    const [on, off] = [true, false].map((enabled) => clientName({ key, marker, enabled }))
    for (const name of [on ?? "", off ?? ""]) expect(name.length).toBeLessThanOrEqual(128)
    // A switch keeps the marker, or it never was there.
    expect([ourName(on ?? "")?.marker, ourName(off ?? "")?.marker]).toEqual(
      length <= 69 ? [marker, marker] : [null, null],
    )
    expect(ourName(off ?? "")).toMatchObject({ key, enabled: false })
  }
})

test.each(["order-service", "order @grantryx", "two words @grantry", "@grantry", ""])("%j is no name of ours", (name) =>
  expect(ourName(name)).toBeNull(),
)

test("a scope's audience is all before the last slash", () => {
  expect(wireScope("https://api.example/v1", "orders:read")).toBe("https://api.example/v1/orders:read")
  expect(plainScope("https://api.example/v1/orders:read")).toEqual({
    audience: "https://api.example/v1",
    scope: "orders:read",
  })
  expect(plainScope("openid")).toBeNull()
})

test("what a name cannot hold becomes a hyphen", () =>
  expect(allowedName("Zahlungen & Café (neu)")).toBe("Zahlungen - Caf- -neu-"))
