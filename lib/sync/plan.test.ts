import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { splitGrantKey, type DesiredObject, type RemoteObject } from "../connectors/objects.ts"
import { idOf } from "./normal.ts"
import { plan, type PlanPolicy } from "./plan.ts"
import { carryOut, desiredState, inSync, openPolicy, world } from "./world.fixture.ts"

const runs = { numRuns: 400 }
/** Switching off is written also where the provider would not tell: a case of its own. */
const unswitched = ({ fields, ...object }: DesiredObject): DesiredObject => ({
  ...object,
  fields: Object.fromEntries(Object.entries(fields).filter(([field]) => field !== "enabled")),
})
const everythingReverts = (ids: Iterable<string>): PlanPolicy => ({ ...openPolicy, reverting: new Set(ids) })

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

describe("cases", () => {
  const client = (fields: DesiredObject["fields"], key = "svc"): DesiredObject => ({ kind: "client", key, fields })
  const on = client({ enabled: true, owner: "team" })

  test("the kill switch is the verb disable, and runs first", () => {
    const aud: DesiredObject = { kind: "audience", key: "https://a.example", fields: { name: "A" } }
    const { applied, remote } = inSync([on])
    const { changes } = plan([aud, client({ enabled: false, owner: "team" })], applied, remote, openPolicy)
    expect(changes.map(({ verb, key }) => [verb, key])).toEqual([
      ["disable", "svc"],
      ["create", "https://a.example"],
    ])
    expect(plan([client({ enabled: false, owner: "else" })], applied, remote, openPolicy).changes[0]?.verb).toBe(
      "update",
    )
  })

  test("the kill switch is planned even where the provider would not tell whether it is on", () => {
    const { applied, remote } = inSync([client({ owner: "team" })])
    const adopted = applied.map((object) => ({ ...object, origin: "adopted" as const }))
    const masked = remote.map((object) => ({ ...object, unknown: ["enabled"] }))
    expect(plan([on], adopted, masked, openPolicy)).toMatchObject({
      changes: [],
      kept: [{ code: "untold", why: expect.stringContaining("enabled") }],
    })
    const off = plan([client({ enabled: false, owner: "team" })], adopted, masked, openPolicy)
    expect(off).toMatchObject({ changes: [{ verb: "disable" }], kept: [] })
  })

  test("a conflict is shown and not written, unless it is marked for reverting", () => {
    const { applied } = inSync([on])
    const remote: RemoteObject[] = [
      {
        kind: "client",
        key: "svc",
        remoteId: "r-client svc",
        marked: true,
        fields: { enabled: true, owner: "intruder" },
      },
    ]
    const desired = [client({ enabled: true, owner: "new team" })]
    expect(plan(desired, applied, remote, openPolicy)).toMatchObject({ changes: [], kept: [{ code: "conflict" }] })
    expect(plan(desired, applied, remote, everythingReverts(["client svc"])).changes).toMatchObject([
      { fields: [{ field: "owner", from: "intruder", to: "new team" }] },
    ])
  })

  test("what was deleted on the provider is made again only when reverting", () => {
    const { applied } = inSync([on])
    expect(plan([on], applied, [], openPolicy)).toMatchObject({ changes: [], kept: [{ code: "missing" }] })
    expect(plan([on], applied, [], everythingReverts(["client svc"])).changes).toMatchObject([
      { verb: "create", observed: null },
    ])
  })

  const both: DesiredObject[] = [
    { kind: "audience", key: "https://a.example", fields: {} },
    on,
    { kind: "grant", key: "svc https://a.example", fields: { scopes: ["read"] } },
  ]

  test("a widened grant needs confirmation; an unsupported one is kept and its sentence shown", () => {
    const widened = plan(both, [], [], {
      ...openPolicy,
      project: () => ({ is: "widened", why: "it also allows write" }),
    })
    expect(widened.changes.find(({ kind }) => kind === "grant")).toMatchObject({
      needsConfirmation: true,
      projection: { is: "widened" },
    })
    const unsupported = plan(both, [], [], {
      ...openPolicy,
      project: () => ({ is: "unsupported", why: "no audiences here" }),
    })
    expect(unsupported.changes.map(({ kind }) => kind)).toEqual(["audience", "client"])
    expect(unsupported.kept).toEqual([
      { kind: "grant", key: "svc https://a.example", code: "unsupported", why: "no audiences here" },
    ])
  })

  test("a grant waits while one of its ends cannot come", () => {
    const { changes, kept } = plan(both, [], [], {
      ...openPolicy,
      refused: [{ kind: "client", key: "svc", path: "name", why: "is too long" }],
    })
    expect(changes.map(({ kind }) => kind)).toEqual(["audience"])
    expect(kept.map(({ kind, code }) => [kind, code])).toEqual([
      ["client", "refused"],
      ["grant", "waits"],
    ])
  })

  test("a grant is never hung on a foreign client of the same name", () => {
    const { changes, kept } = plan(
      both,
      [],
      [{ kind: "client", key: "svc", remoteId: "x", marked: false, fields: {} }],
      openPolicy,
    )
    expect(changes.map(({ kind }) => kind)).toEqual(["audience"])
    expect(kept.map(({ kind, code }) => [kind, code])).toEqual([
      ["client", "not_ours"],
      ["grant", "waits"],
    ])
  })

  test("a rotation in flight keeps the client's credentials, and the client, from being touched", () => {
    const { applied, remote } = inSync([client({ auth_method: "client_secret_basic", owner: "a" })])
    const rotating: PlanPolicy = { ...openPolicy, rotating: new Set(["svc"]) }
    const moved = plan([client({ auth_method: "client_secret_post", owner: "b" })], applied, remote, rotating)
    expect(moved.changes).toMatchObject([{ fields: [{ field: "owner" }] }])
    expect(moved.kept).toMatchObject([{ code: "rotating" }])
    expect(plan([], applied, remote, rotating)).toMatchObject({ changes: [], kept: [{ code: "rotating" }] })
  })

  test("a disabled client goes where disabling means deleting, rotation or not; its credentials wait as any other's", () => {
    const { applied, remote } = inSync([client({ auth_method: "client_secret_basic", owner: "a" })])
    const stopped: PlanPolicy = { ...openPolicy, rotating: new Set(["svc"]), disabled: new Set(["svc"]) }
    expect(plan([], applied, remote, stopped)).toMatchObject({ changes: [{ verb: "delete", key: "svc" }], kept: [] })
    const moved = plan([client({ auth_method: "client_secret_post", owner: "a" })], applied, remote, stopped)
    expect(moved).toMatchObject({ changes: [], kept: [{ code: "rotating" }] })
  })

  test("an audience loses a scope only after the grants that name it have changed", () => {
    const before: DesiredObject[] = [
      { kind: "audience", key: "https://a.example", fields: { scopes: [{ name: "r" }, { name: "w" }] } },
      on,
      { kind: "grant", key: "svc https://a.example", fields: { scopes: ["r", "w"] } },
    ]
    const { applied, remote } = inSync(before)
    const after: DesiredObject[] = [
      { kind: "audience", key: "https://a.example", fields: { scopes: [{ name: "r" }] } },
      on,
      { kind: "grant", key: "svc https://a.example", fields: { scopes: ["r"] } },
    ]
    expect(plan(after, applied, remote, openPolicy).changes.map(({ kind }) => kind)).toEqual(["grant", "audience"])
  })

  test("1,000 clients with grants on 3 providers are planned in under 2 s", () => {
    const desired: DesiredObject[] = [{ kind: "audience", key: "https://a.example", fields: { scopes: ["r"] } }]
    for (let i = 0; i < 1_000; i++)
      desired.push(client({ enabled: true, owner: "t", display_name: `c ${i}` }, `c${i}`), {
        kind: "grant",
        key: `c${i} https://a.example`,
        fields: { scopes: ["r"] },
      })
    const { applied, remote } = inSync(desired)
    const started = performance.now()
    for (let provider = 0; provider < 3; provider++) {
      expect(plan(desired, applied.slice(500), remote.slice(500), openPolicy).changes).toHaveLength(500)
    }
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe("what a provider holds otherwise", () => {
  const grant: DesiredObject = { kind: "grant", key: "one https://a.example", fields: { scopes: ["read"] } }
  const client: DesiredObject = { kind: "client", key: "one", fields: { enabled: true } }
  const audience: DesiredObject = { kind: "audience", key: "https://a.example", fields: {} }

  test("nobody waits for an end that is no object there, but for one that another plan must bring", () => {
    const waits = plan([client, grant], [], [], openPolicy)
    expect([waits.changes.map(idOf), waits.kept.map(({ code }) => code)]).toEqual([["client one"], ["waits"]])
    const goes = plan([client, grant], [], [], { ...openPolicy, notHeld: [audience] })
    expect([goes.changes.map(idOf), goes.kept]).toEqual([["client one", idOf(grant)], []])
  })

  test("each note is kept, and so is what is refused or unsupported without ever becoming an object", () => {
    const { changes, kept } = plan([client], [], [], {
      ...openPolicy,
      notHeld: [audience, grant],
      notes: [{ kind: "client", key: "one", why: "90 s was rounded up to 5 minutes" }],
      refused: [{ ...audience, path: "scopes", why: "too many" }],
      project: () => ({ is: "unsupported", why: "no grants here" }),
    })
    expect(changes.map(idOf)).toEqual(["client one"])
    expect(kept.map(({ code, kind, why }) => [code, kind, why])).toEqual([
      ["refused", "audience", "The provider would refuse it: scopes too many."],
      ["unsupported", "grant", "no grants here"],
      ["adjusted", "client", "90 s was rounded up to 5 minutes"],
    ])
  })
})
