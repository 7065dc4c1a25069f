/** What holds of every plan, whatever the registry wants and the provider shows. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { splitGrantKey, type DesiredObject, type RemoteObject } from "../connectors/objects.ts"
import { idOf } from "./normal.ts"
import { plan } from "./plan.ts"
import { carryOut, desiredState, everythingReverts, inSync, openPolicy, world } from "./world.fixture.ts"

const runs = { numRuns: 400 }
/** Switching off is written also where the provider would not tell: a case of its own. */
const unswitched = ({ fields, ...object }: DesiredObject): DesiredObject => ({
  ...object,
  fields: Object.fromEntries(Object.entries(fields).filter(([field]) => field !== "enabled")),
})

describe("laws of the planner", () => {
  test("plan(x, x, x) is empty", () => {
    fc.assert(
      fc.property(desiredState, (desired) => {
        const { applied, remote } = inSync(desired)
        const { changes, kept } = plan(desired, applied, remote, openPolicy)
        expect({ changes, kept }).toEqual({ changes: [], kept: [] })
      }),
      runs,
    )
  })

  test("the plan after an apply is empty", () => {
    fc.assert(
      fc.property(world, fc.boolean(), (start, revert) => {
        const policy = revert ? everythingReverts([...start.desired, ...start.remote].map(idOf)) : openPolicy
        const after = carryOut(plan(start.desired, start.applied, start.remote, policy), start)
        expect(plan(after.desired, after.applied, after.remote, policy).changes).toEqual([])
      }),
      runs,
    )
  })

  test("nothing foreign is touched: a change of what is there needs our placement of that very object", () => {
    fc.assert(
      fc.property(world, ({ desired, applied, remote }) => {
        const placements = new Map(applied.map((object) => [idOf(object), object.remoteId]))
        for (const change of plan(desired, applied, remote, everythingReverts(remote.map(idOf))).changes) {
          const there = remote.find((object) => idOf(object) === idOf(change))
          if (there)
            expect([change.remoteId, there.remoteId]).toEqual([
              placements.get(idOf(change)),
              placements.get(idOf(change)),
            ])
          else expect(change.verb).toBe("create")
        }
      }),
      runs,
    )
  })

  test("a delete needs our mark and our placement, and never hits what was adopted or protected", () => {
    fc.assert(
      fc.property(world, ({ desired, applied, remote }) => {
        for (const change of plan(desired, applied, remote, openPolicy).changes.filter(
          ({ verb }) => verb === "delete",
        )) {
          const had = applied.find((object) => idOf(object) === idOf(change))
          const there = remote.find((object) => idOf(object) === idOf(change))
          expect([had?.origin, had?.protected, there?.marked, change.needsConfirmation]).toEqual([
            "created",
            false,
            true,
            true,
          ])
          expect(desired.map(idOf)).not.toContain(idOf(change))
        }
      }),
      runs,
    )
  })

  test("deletes come last, and in the reverse order: grants, clients, audiences", () => {
    fc.assert(
      fc.property(world, ({ desired, applied, remote }) => {
        const { changes } = plan(desired, applied, remote, openPolicy)
        const verbs = changes.map(({ verb }) => verb === "delete")
        expect(verbs).toEqual(verbs.toSorted((a, b) => Number(a) - Number(b)))
        const order = ["grant", "client", "audience"]
        const deleted = changes.filter(({ verb }) => verb === "delete").map(({ kind }) => order.indexOf(kind))
        expect(deleted).toEqual(deleted.toSorted((a, b) => a - b))
        const made = changes.filter(({ verb }) => verb === "create").map(({ kind }) => order.indexOf(kind))
        expect(made).toEqual(made.toSorted((a, b) => b - a))
      }),
      runs,
    )
  })

  test("deleting a client or audience never takes a grant along that the plan does not delete itself", () => {
    fc.assert(
      fc.property(world, ({ desired, applied, remote }) => {
        const { changes } = plan(desired, applied, remote, openPolicy)
        const going = new Set(changes.filter(({ verb }) => verb === "delete").map(idOf))
        for (const grant of remote.filter(({ kind }) => kind === "grant")) {
          const { client, audience } = splitGrantKey(grant.key)
          if (going.has(`client ${client}`) || going.has(`audience ${audience}`)) expect(going).toContain(idOf(grant))
        }
      }),
      runs,
    )
  })

  test("drift is kept until it is marked for reverting", () => {
    fc.assert(
      fc.property(desiredState, fc.nat(), (desired, pick) => {
        const synced = inSync(desired)
        const moved = synced.remote[pick % Math.max(synced.remote.length, 1)]
        fc.pre(moved !== undefined)
        const field = Object.keys(moved.fields)[0] ?? ""
        const remote = synced.remote.map((object) =>
          object === moved ? { ...object, fields: { ...object.fields, [field]: "somebody else's" } } : object,
        )
        const plain = plan(desired, synced.applied, remote, openPolicy)
        expect(plain.changes).toEqual([])
        expect(plain.kept.map((kept) => [kept.code, idOf(kept)])).toEqual([["drift", idOf(moved)]])
        const reverting = plan(desired, synced.applied, remote, everythingReverts([idOf(moved)]))
        expect(reverting.changes.map((change) => [idOf(change), change.fields])).toEqual([
          [idOf(moved), [{ field, from: "somebody else's", to: moved.fields[field] }]],
        ])
      }),
      runs,
    )
  })

  test("a field that the provider would not tell is never drift", () => {
    fc.assert(
      fc.property(desiredState, (desired) => {
        const { applied, remote } = inSync(desired)
        const masked = remote.map(({ fields, ...object }): RemoteObject => ({
          ...object,
          fields: {},
          unknown: Object.keys(fields),
        }))
        const { changes, kept } = plan(desired, applied, masked, openPolicy)
        expect({ changes, kept }).toEqual({ changes: [], kept: [] })
      }),
      runs,
    )
  })

  test("what was adopted without a field that the provider would not tell is not planned for it, and that is said", () => {
    fc.assert(
      fc.property(desiredState, (all) => {
        const { desired, applied, remote } = inSync(all.map(unswitched))
        const adopted = applied.map((object) => ({ ...object, origin: "adopted" as const, fields: {} }))
        const masked = remote.map((object) => ({ ...object, fields: {}, unknown: Object.keys(object.fields) }))
        const { changes, kept } = plan(desired, adopted, masked, openPolicy)
        expect(changes).toEqual([])
        expect(kept.map(({ code }) => code)).toEqual(desired.map(() => "untold"))
        const created = adopted.map((object) => ({ ...object, origin: "created" as const }))
        expect(plan(desired, created, masked, openPolicy).changes).toHaveLength(desired.length)
      }),
      runs,
    )
  })

  test("order, repeats, null, absent and empty are no difference", () => {
    const desired: DesiredObject[] = [
      {
        kind: "client",
        key: "c",
        fields: { owner: "", jwks: null, tags: ["b", "a"], scopes: [{ name: "x", description: "" }] },
      },
    ]
    const { applied } = inSync(desired)
    const remote: RemoteObject[] = [
      {
        kind: "client",
        key: "c",
        remoteId: "r-client c",
        marked: true,
        fields: { tags: ["a", "b", "a"], scopes: [{ name: "x" }] },
      },
    ]
    expect(plan(desired, applied, remote, openPolicy).changes).toEqual([])
  })
})
