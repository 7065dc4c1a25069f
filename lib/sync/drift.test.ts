import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { RemoteObject } from "../connectors/objects.ts"
import { drift, settled } from "./drift.ts"
import { idOf } from "./normal.ts"
import { plan } from "./plan.ts"
import { carryOut, inSync, openPolicy, world, desiredState } from "./world.fixture.ts"

describe("drift", () => {
  test("there is none right after an apply of a world without drift", () => {
    fc.assert(
      fc.property(desiredState, desiredState, (before, wanted) => {
        const start = { ...inSync(before), desired: wanted }
        const after = carryOut(plan(wanted, start.applied, start.remote, openPolicy), start)
        expect(drift(after.applied, after.remote, after.desired)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test("reverting everything ends all drift of what is wanted and still there under its own id", () => {
    fc.assert(
      fc.property(world, (start) => {
        const policy = { ...openPolicy, reverting: new Set([...start.desired, ...start.remote].map(idOf)) }
        const after = carryOut(plan(start.desired, start.applied, start.remote, policy), start)
        const owned = new Map(after.applied.map((object) => [idOf(object), object.remoteId]))
        const wanted = new Set(after.desired.map(idOf))
        const left = drift(after.applied, after.remote, after.desired).filter((item) => {
          const there = after.remote.find((object) => idOf(object) === idOf(item))
          return wanted.has(idOf(item)) && there?.remoteId === owned.get(idOf(item))
        })
        // What stays: fields of ours that the registry does not name any more cannot be told from drift; there are none here.
        expect(left).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  const owned = inSync([{ kind: "client", key: "svc", fields: { owner: "team", enabled: true } }])

  test("a changed field is told with what was applied and what is found", () => {
    const remote: RemoteObject[] = [
      { kind: "client", key: "svc", remoteId: "r-client svc", marked: true, fields: { owner: "other", enabled: true } },
    ]
    expect(drift(owned.applied, remote, owned.desired)).toMatchObject([
      { kind: "client", key: "svc", fields: [{ field: "owner", applied: "team", found: "other" }] },
    ])
  })

  test("a deleted object and a foreign grant on our client are drift", () => {
    expect(drift(owned.applied, [], owned.desired)).toMatchObject([
      { fields: [{ field: "present", applied: true, found: false }] },
    ])
    const grant: RemoteObject = {
      kind: "grant",
      key: "svc https://x.example",
      remoteId: "g",
      marked: false,
      fields: { scopes: ["all"] },
    }
    expect(drift(owned.applied, [...owned.remote, grant], owned.desired)).toMatchObject([
      {
        kind: "grant",
        fields: [
          { field: "present", applied: false, found: true },
          { field: "scopes", found: ["all"] },
        ],
      },
    ])
    expect(drift([], [grant], [])).toEqual([])
  })

  test("a provider that came to hold what the registry wants is settled, not drift", () => {
    const desired = [{ kind: "client" as const, key: "svc", fields: { owner: "new", enabled: true } }]
    const remote: RemoteObject[] = [
      { kind: "client", key: "svc", remoteId: "r-client svc", marked: true, fields: { owner: "new", enabled: true } },
    ]
    expect(drift(owned.applied, remote, desired)).toEqual([])
    expect(settled(owned.applied, remote, desired)).toEqual({
      converged: [{ kind: "client", key: "svc", fields: { owner: "new", enabled: true } }],
      gone: [],
    })
    expect(settled(owned.applied, [], [])).toEqual({ converged: [], gone: [{ kind: "client", key: "svc" }] })
  })

  test("the fingerprint changes with the drift and with nothing else", () => {
    const found = (owner: string) =>
      drift(
        owned.applied,
        [{ kind: "client", key: "svc", remoteId: "r-client svc", marked: true, fields: { owner, enabled: true } }],
        owned.desired,
      )[0]?.fingerprint
    expect(found("x")).toBe(found("x"))
    expect(found("x")).not.toBe(found("y"))
  })
})
