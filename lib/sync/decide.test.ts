import { describe, expect, test } from "vitest"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { RemoteObject } from "../connectors/objects.ts"
import { blockerOf, decide, endOf, type Step } from "./decide.ts"
import { digestOf } from "./normal.ts"
import { meaningOf, patiently, waitMs } from "./retry.ts"

const object = { kind: "client", key: "svc", fields: { owner: "new", enabled: true } } as const
const remote = (fields: RemoteObject["fields"], more: Partial<RemoteObject> = {}): RemoteObject => ({
  kind: "client",
  key: "svc",
  remoteId: "r1",
  marked: true,
  fields,
  ...more,
})
const was = remote({ owner: "old", enabled: true })
const create: Step = {
  verb: "create",
  kind: "client",
  key: "svc",
  remoteId: null,
  object,
  observed: null,
  marker: "p:c",
  standing: "ours",
  fields: [
    { field: "owner", from: null, to: "new" },
    { field: "enabled", from: null, to: true },
  ],
}
const update: Step = {
  ...create,
  verb: "update",
  remoteId: "r1",
  observed: digestOf(was),
  fields: [{ field: "owner", from: "old", to: "new" }],
}
const remove: Step = { ...create, verb: "delete", remoteId: "r1", object: null, observed: digestOf(was), fields: [] }

describe("one step, from what the provider shows", () => {
  const cases: readonly [string, Step, RemoteObject | null, boolean, string][] = [
    ["create: nothing there", create, null, false, "create"],
    ["create: nothing there after a crash", create, null, true, "create"],
    ["create: somebody was faster", create, remote({ owner: "new", enabled: true }), false, "stop"],
    [
      "create: ours from before the crash",
      create,
      remote({ owner: "new", enabled: true }, { marker: "p:c" }),
      true,
      "nothing",
    ],
    ["create: ours, but only half of it", create, remote({ owner: "new" }), true, "update"],
    ["create: of another plan", create, remote({ owner: "new", enabled: true }, { marker: "q:d" }), true, "stop"],
    [
      "create: not marked, so not ours",
      create,
      remote({ owner: "new", enabled: true }, { marked: false }),
      true,
      "stop",
    ],
    ["update: as planned", update, was, false, "update"],
    ["update: there already", update, remote({ owner: "new", enabled: true }), false, "nothing"],
    ["update: moved since", update, remote({ owner: "third", enabled: true }), false, "stop"],
    ["update: another field moved since", update, remote({ owner: "old", enabled: false }), false, "stop"],
    ["update: half done before a crash", update, remote({ owner: "old", enabled: false }), true, "update"],
    ["update: moved elsewhere after a crash", update, remote({ owner: "third", enabled: true }), true, "stop"],
    ["update: gone", update, null, false, "stop"],
    ["update: unmanaged since", { ...update, standing: "not_ours" }, was, false, "stop"],
    ["update: unmanaged since a crash", { ...update, standing: "not_ours" }, was, true, "stop"],
    [
      "update: unmanaged, and there already",
      { ...update, standing: "not_ours" },
      remote({ owner: "new", enabled: true }),
      true,
      "stop",
    ],
    ["update: protected is from deletes", { ...update, standing: "protected" }, was, false, "update"],
    [
      "update: another object in its place",
      update,
      remote({ owner: "old", enabled: true }, { remoteId: "r2" }),
      false,
      "stop",
    ],
    ["delete: as planned", remove, was, false, "remove"],
    ["delete: gone already", remove, null, false, "nothing"],
    ["delete: gone already, and forgotten by a read", { ...remove, standing: "not_ours" }, null, false, "nothing"],
    ["delete: unmanaged since", { ...remove, standing: "not_ours" }, was, false, "stop"],
    ["delete: protected since", { ...remove, standing: "protected" }, was, false, "stop"],
    ["delete: moved since", remove, remote({ owner: "third", enabled: true }), false, "stop"],
    ["delete: our mark is gone", remove, { ...was, marked: false }, false, "stop"],
    ["delete: another object in its place", remove, { ...was, remoteId: "r2" }, true, "stop"],
  ]
  test.each(cases)("%s", (_name, step, found, started, expected) => {
    expect(decide(step, found, started).do).toBe(expected)
  })

  test("what is only half there is completed by the missing fields alone", () => {
    expect(decide(create, remote({ owner: "new" }), true)).toMatchObject({
      do: "update",
      fields: [{ field: "enabled", to: true }],
    })
  })
})

describe("what a plan has become", () => {
  const item = (status: string, code: string | null = null) => ({ status, code })
  test.each([
    [[], "applied"],
    [[item("done"), item("done")], "applied"],
    [[item("done"), item("failed", "invalid")], "partially_applied"],
    [[item("unknown", "lost_answer")], "partially_applied"],
    [[item("failed", "partial")], "partially_applied"],
    [[item("failed", "stale"), item("skipped", "depends")], "stale"],
    [[item("failed", "forbidden")], "failed"],
    [[item("done"), item("intent")], null],
  ] as const)("%j is %s", (items, end) => {
    expect(endOf(items)).toBe(end)
  })
})

describe("what keeps a step from being tried", () => {
  const step = (verb: Step["verb"], kind: Step["kind"], key: string) => ({ verb, kind, key })
  const api = "https://api.example"
  test.each([
    ["a grant whose client failed", step("create", "grant", `svc ${api}`), ["client svc"], "svc"],
    ["a grant whose audience failed", step("update", "grant", `svc ${api}`), [`audience ${api}`], api],
    ["a grant that goes needs neither", step("delete", "grant", `svc ${api}`), ["client svc", `audience ${api}`], null],
    ["a client whose grant did not go", step("delete", "client", "svc"), [`grant svc ${api}`], `grant svc ${api}`],
    ["an audience whose grant did not go", step("delete", "audience", api), [`grant svc ${api}`], `grant svc ${api}`],
    ["a client beside the grant of another", step("delete", "client", "svc"), [`grant other ${api}`], null],
    ["a client that is made waits for nobody", step("create", "client", "svc"), [`audience ${api}`], null],
  ] as const)("%s", (_name, one, failed, blocker) => {
    expect(blockerOf(one, new Set(failed))).toBe(blocker)
  })
})

describe("patience", () => {
  const slow = (retryAt?: Date) => new ConnectorError("rate_limited", "x", "slow down", retryAt ? { retryAt } : {})

  test("a wait is never shorter than the provider asks for", () => {
    const now = new Date()
    expect(waitMs(slow(new Date(now.getTime() + 7_000)), 0, () => 0, now)).toBeGreaterThanOrEqual(7_000)
    expect(waitMs(slow(), 3, () => 1, now)).toBe(2_000)
    expect(waitMs(slow(), 30, () => 1, now)).toBe(10_000)
  })

  test("429 is sent again after the wait; anything else passes, and so does a wait that is too long", async () => {
    const order: string[] = []
    let calls = 0
    const world = { sleep: async () => void order.push("wait"), random: () => 0 }
    const answer = await patiently(async () => {
      order.push("call")
      if (++calls < 3) throw slow()
      return "done"
    }, world)
    expect([answer, order]).toEqual(["done", ["call", "wait", "call", "wait", "call"]])
    await expect(
      patiently(async () => {
        throw new ConnectorError("forbidden", "x", "no")
      }, world),
    ).rejects.toMatchObject({ code: "forbidden" })
    order.length = 0
    const long = () => Promise.reject(slow(new Date(Date.now() + 60_000)))
    await expect(patiently(long, world, { longestMs: 30_000 })).rejects.toMatchObject({ code: "rate_limited" })
    expect(order).toEqual([])
  })

  test("in doubt nothing is sent blindly", () => {
    expect(
      (["lost_answer", "unavailable", "conflict", "not_found"] as const).map((code) =>
        meaningOf(new ConnectorError(code, "x", "y")),
      ),
    ).toEqual(Array(4).fill("doubtful"))
    expect(meaningOf(new ConnectorError("invalid", "x", "y"))).toBe("failed")
    expect(meaningOf(new ConnectorError("auth_failed", "x", "y"))).toBe("fatal")
  })
})
