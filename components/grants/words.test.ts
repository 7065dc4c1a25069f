import { expect, test } from "vitest"
import { audienceWord, countedBy, eventsOf } from "./words.ts"

const row = { ids: ["orders", "aZ09"] }
const since = "2026-11-01T10:00:00.000Z"
const asked = (filter?: Parameters<typeof eventsOf>[3]) => {
  const { pathname, searchParams } = new URL(eventsOf(row, "https://pay?a&b", since, filter), "https://console.example")
  return [pathname, ...[...searchParams].map(([name, value]) => `${name}=${value}`)]
}

test("a number of a pair leads to the very events that it counts: under every name of the client, with their result, since then", () => {
  const pair = ["client_id=orders", "client_id=aZ09", "audience=https://pay?a&b"]
  const from = `from=${since}`
  expect(asked()).toEqual(["/audit", from, ...pair])
  expect(asked(countedBy.issued)).toEqual([
    "/audit",
    from,
    ...pair,
    "event=token_issued",
    "result=success",
    "result=unknown",
  ])
  expect(asked(countedBy.refused)).toEqual(["/audit", from, ...pair, "event=token_issued", "result=failure"])
  expect(asked(countedBy.accepted)).toEqual([
    "/audit",
    from,
    ...pair,
    "event=token_validated",
    "result=success",
    "result=unknown",
  ])
  expect(asked(countedBy.rejected)).toEqual(["/audit", from, ...pair, "event=token_validated", "result=failure"])
})

test("an audience goes by its name, and by its identifier where two share a name or it has none", () => {
  const audiences = {
    "https://pay.internal": { id: "1", name: "Payments" },
    "https://eu.internal": { id: "2", name: "Stock" },
    "https://us.internal": { id: "3", name: "Stock" },
    "https://stranger.internal": null,
  }
  expect(Object.keys(audiences).map((a) => audienceWord(audiences, a))).toEqual([
    "Payments",
    "https://eu.internal",
    "https://us.internal",
    "https://stranger.internal",
  ])
})
