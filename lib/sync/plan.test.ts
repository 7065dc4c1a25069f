import { describe, expect, test } from "vitest"
import type { DesiredObject, RemoteObject } from "../connectors/objects.ts"
import { idOf } from "./normal.ts"
import { plan, type PlanPolicy } from "./plan.ts"
import { everythingReverts, inSync, openPolicy } from "./world.fixture.ts"

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
