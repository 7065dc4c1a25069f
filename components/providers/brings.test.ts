import { expect, test } from "vitest"
import type { FoundWire } from "../../lib/sync/import.ts"
import { bringsOf, idOfFound } from "./brings.ts"

const grant = (client: string, audience: string) => ({ client, audience, scopes: ["read"] })
const found: readonly FoundWire[] = [
  { kind: "client", key: "orders", remote_id: "1", grants: [grant("orders", "api-a"), grant("orders", "api-b")] },
  { kind: "client", key: "stock", remote_id: "2", grants: [] },
  { kind: "audience", key: "api-a", remote_id: "3", grants: [grant("orders", "api-a")] },
  { kind: "audience", key: "api-b", remote_id: null, grants: [grant("orders", "api-b")] },
]
const pick = (...keys: string[]) => new Set(found.filter((f) => keys.includes(f.key)).map(idOfFound))

test("a chosen client brings its grants and their APIs, each once", () => {
  expect(bringsOf(found, pick("orders", "api-a"))).toBe(
    "Takes over 1 client, 2 APIs, 2 grants, as they are; 1 API by proposal: only grants name it.",
  )
})

test("a chosen API brings no client", () => {
  expect(bringsOf(found, pick("api-a"))).toBe("Takes over 0 clients, 1 API, 0 grants, as they are.")
})
