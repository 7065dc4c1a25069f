import { describe, expect, test } from "vitest"
import { Refused } from "../base/errors.ts"
import * as columns from "./columns.ts"

const object = { kind: "client", key: "svc", remoteId: "r1", marked: true, fields: { owner: "team", tags: ["a"] } }
const change = { field: "owner", from: null, to: { nested: [1, true] } }
const drift = { field: "owner", applied: "old", found: null }

describe("a JSON column is read as it was written, or not at all", () => {
  test.each([
    ["placementApplied", columns.placementApplied, { owner: "team", jwks: null }, [null, "x", ["x"]]],
    [
      "providerLastRead",
      columns.providerLastRead,
      [{ ...object, marker: null, unknown: ["scopes"] }],
      [{}, [{ ...object, kind: "bird" }]],
    ],
    ["importFound", columns.importFound, [object], [null, [{ ...object, remoteId: 7 }], [{ ...object, fields: [] }]]],
    ["importAdopted", columns.importAdopted, ["client svc"], [null, [7], "client svc"]],
    [
      "planKept",
      columns.planKept,
      [{ kind: "grant", key: "a b", why: "w", code: "drift", provider_id: "p" }],
      [null, [{}]],
    ],
    [
      "planReport",
      columns.planReport,
      [{ provider_id: "p", exact: 1, widened: 1, unsupported: 0, items: [{ key: "a b", is: "widened", why: "w" }] }],
      [null, [{ provider_id: "p", exact: -1, widened: 0, unsupported: 0, items: [] }]],
    ],
    [
      "planOutcome",
      columns.planOutcome,
      [{ provider_id: "p", client: "c", is: "pass", why: "w" }],
      [null, [{ provider_id: "p", client: "c", is: "maybe", why: "w" }]],
    ],
    ["changeFields", columns.changeFields, [change], [null, {}, [{ field: "owner", from: null }]]],
    [
      "changeObject",
      columns.changeObject,
      { kind: "client", key: "svc", fields: {} },
      ["x", { kind: "client", key: "svc" }],
    ],
    ["changeProjection", columns.changeProjection, { is: "widened", why: "w" }, [{ is: "narrow", why: "w" }]],
    [
      "changeError",
      columns.changeError,
      { code: "stale", message: "m", http_status: 409 },
      [{}, "failed", { code: 1 }],
    ],
    ["driftFields", columns.driftFields, [drift], [null, [{ field: "owner", applied: "old" }], {}]],
    ["driftActor", columns.driftActor, { id: "u1", realm: "r" }, ["u1", {}, { id: 7 }]],
  ] as const)("%s", (_name, read, good, bad) => {
    expect(read(structuredClone(good))).toEqual(good)
    for (const damaged of bad) {
      const thrown = (() => {
        try {
          return read(damaged)
        } catch (error) {
          return error
        }
      })()
      expect(thrown, JSON.stringify(damaged)).toBeInstanceOf(Refused)
      expect(thrown).toMatchObject({ code: "stored_data_unreadable", status: 500 })
    }
  })

  test("a column that may be empty says so", () => {
    expect([columns.changeObject(null), columns.changeError(null), columns.providerLastRead(null)]).toEqual([
      null,
      null,
      null,
    ])
  })

  test("the refusal names the column and the place, never the value", () => {
    try {
      columns.changeFields([change, { field: "client_secret", from: "hunter2" }])
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ evidence: { column: "plan_change.fields", path: "1.to" } })
      expect(JSON.stringify(error) + String(error)).not.toContain("hunter2")
    }
  })
})
