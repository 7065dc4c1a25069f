import fc from "fast-check"
import { expect, test } from "vitest"
import { kinds } from "../connectors/kinds.ts"
import type { AppliedObject } from "../connectors/objects.ts"
import { sheetOf } from "../connectors/sheet.ts"
import { namesOf } from "./names.ts"
import { normalizerOf } from "./normalizers.ts"
import { asideOf, sortRecords } from "./sort.ts"

const placed = (kind: AppliedObject["kind"], key: string, remoteId: string, scopes: readonly string[] = []) => ({
  kind,
  key,
  remoteId,
  origin: "created" as const,
  protected: false,
  fields: { scopes: kind === "audience" ? scopes.map((name) => ({ name, description: "" })) : [...scopes] },
})
const names = namesOf(
  "idp",
  [
    placed("client", "order-service", "0oa1"),
    placed("audience", "https://pay.example", "aus1", ["read", "pay:write"]),
    placed("audience", "https://ship.example", "aus2", ["read"]),
    placed("grant", "order-service https://old.example", "g1", ["old:read"]),
  ],
  ({ remoteId }) => remoteId,
)

test("a scope stands for the one audience that owns it; one that two own stands for neither, unless it names its own", () => {
  expect(names.audienceOfScope("pay:write")).toBe("https://pay.example")
  expect(names.audienceOfScope("read")).toBeNull()
  expect(names.audienceOfScope("https://ship.example/read")).toBe("https://ship.example")
  expect(names.audienceOfScope("nobody's")).toBeNull()
  expect(names.audienceOfScope("constructor")).toBeNull()
})

test("an audience that the provider does not hold is known by its grants, a held one by its id there, a client by its client_id", () => {
  expect(names.audienceOfScope("old:read")).toBe("https://old.example")
  expect(names.audienceOf("aus2")).toBe("https://ship.example")
  expect(names.audienceOf("https://ship.example")).toBeNull()
  expect(names.clientName("0oa1")).toBe("order-service")
  expect(names.clientName("order-service")).toBeNull()
})

test("whatever a log holds and however its normaliser fails, a page is read: each record ends in exactly one place", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("line", "skip", "reject", "throw"), fc.jsonValue())), (records) => {
      const sorted = sortRecords(
        records,
        (raw) => {
          const [what] = raw as [string, unknown]
          if (what === "throw") throw new Error("broken")
          if (what === "skip") return { skipped: "login" }
          if (what === "reject") return { rejected: "no id" }
          return { line: { event: "token_issued", event_id: "1", timestamp: "", auth_server: "idp" } }
        },
        names,
      )
      const each = (...wanted: string[]) => records.filter(([what]) => wanted.includes(what))
      const distinct = (list: unknown[]) => new Set(list.map((one) => asideOf(one, "").digest)).size
      expect(sorted.lines).toHaveLength(each("line").length)
      expect(sorted.of).toEqual(each("line"))
      expect(sorted.skipped).toHaveLength(distinct(each("skip")))
      expect(sorted.rejected).toHaveLength(distinct(each("reject", "throw")))
    }),
  )
})

test("a record that is set aside keeps no credential, no NUL and no endless text, and is the same one in any order of its members", () => {
  const aside = asideOf({ b: "x".repeat(20_000), a: "Bearer abcdefghijklmnop" }, `odd\0${"k".repeat(300)}`)
  expect(aside.example).toContain("Bearer [redacted]")
  expect(aside.example).toHaveLength(8_000)
  expect(aside.word).toHaveLength(100)
  expect(aside.word).not.toContain("\0")
  expect(asideOf({ a: 1, b: 2 }, "").digest).toBe(asideOf({ b: 2, a: 1 }, "").digest)
})

test("every kind that has a log has somebody who can read it", () => {
  const logged = kinds.filter((kind) => sheetOf(kind).ports.some(({ name, can }) => name === "events" && can))
  expect(logged.length).toBeGreaterThan(2)
  expect(logged.filter(({ kind }) => normalizerOf(kind) === null).map(({ kind }) => kind)).toEqual([])
})
