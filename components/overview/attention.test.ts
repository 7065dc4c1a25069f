import { describe, expect, test } from "vitest"
import type { GrantView } from "../../lib/registry/schema.ts"
import { rotation } from "../rotations/rotation.fixture.ts"
import { attention, type AttentionInput } from "./attention.ts"

const nothing: AttentionInput = {
  grantsPastEnd: [],
  grantsEnding: [],
  waitingClients: 0,
  providers: [],
  drift: new Map(),
  rotations: [],
  sources: [],
}
const grant = (id: string): GrantView => ({
  id,
  client_id: "c",
  client: "order-service",
  audience_id: "a",
  audience: "https://pay.internal",
  audience_name: "Pay",
  scopes: ["pay:write"],
  reason: "r",
  expires_at: "2026-01-01T00:00:00Z",
  state: "expired",
  created_by: "x",
  created_at: "2025-01-01T00:00:00Z",
  updated_at: "2025-01-01T00:00:00Z",
  version: 1,
})

describe("attention", () => {
  test("nothing to do is an empty list", () => {
    expect(attention(nothing)).toEqual([])
  })
  test("a grant past its end asks for a plan", () => {
    expect(attention({ ...nothing, grantsPastEnd: [grant("1")] })).toMatchObject([{ tone: "fail", act: "plan" }])
  })
  test("a client that a switch left without a secret is named though its rotation is done and waits for nothing", () => {
    const done = rotation({ strategy: "in_place", state: "done", finished_at: "2026-01-01T00:00:00Z" })
    expect(attention({ ...nothing, rotations: [done] })).toEqual([])
    expect(attention({ ...nothing, rotations: [{ ...done, client_without_secret: true }] })).toMatchObject([
      { tone: "fail", word: "client without a secret", act: { label: "Reveal it", href: "/rotations/r" } },
    ])
  })
  test("what is worst stands first, whatever came first", () => {
    const found = attention({ ...nothing, waitingClients: 2, grantsEnding: [grant("2")], grantsPastEnd: [grant("1")] })
    expect(found.map((a) => a.tone)).toEqual(["fail", "info", "info"])
  })
  test("a number that is not known is not a finding", () => {
    expect(attention({ ...nothing, waitingClients: null })).toEqual([])
  })
})
