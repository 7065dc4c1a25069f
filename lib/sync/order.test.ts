import { expect, test } from "vitest"
import { inLanes, lanesOf, phasesOf } from "./order.ts"

const step = (
  verb: "create" | "update" | "delete" | "disable",
  kind: "audience" | "client" | "grant",
  key: string,
) => ({
  verb,
  kind,
  key,
  fields: [],
})

test("the kill switch is a phase of its own and the first; deletes run in the reverse order, last", () => {
  const phases = phasesOf([
    step("create", "audience", "a"),
    step("update", "client", "c"),
    step("create", "grant", "c a"),
    step("delete", "grant", "d a"),
    step("delete", "client", "d"),
    step("disable", "client", "e"),
    step("create", "client", "f"),
  ])
  expect(phases.map((phase) => phase.map(({ verb, key }) => `${verb} ${key}`))).toEqual([
    ["disable e"],
    ["create a"],
    ["update c", "create f"],
    ["create c a"],
    ["delete d a"],
    ["delete d"],
  ])
})

test("where grants go with their client it is deleted first, and only its own grants wait for it", () => {
  const steps = [
    step("delete", "grant", "c a"),
    step("delete", "grant", "d a"),
    step("delete", "client", "d"),
    step("delete", "audience", "a"),
  ]
  const keys = (grantsGoWithClient: boolean) => phasesOf(steps, grantsGoWithClient).map((p) => p.map(({ key }) => key))
  expect(keys(true)).toEqual([["c a"], ["d"], ["d a"], ["a"]])
  expect(keys(false)).toEqual([["c a", "d a"], ["d"], ["a"]])
})

test("the grants of one client share a lane, in their order", () => {
  const lanes = lanesOf([
    step("create", "grant", "c a"),
    step("create", "grant", "d a"),
    step("create", "grant", "c b"),
  ])
  expect(lanes.map((lane) => lane.map(({ key }) => key))).toEqual([["c a", "c b"], ["d a"]])
})

test("no more than the width at once; after an error nothing begins, and what runs is waited for", async () => {
  let running = 0
  let most = 0
  const over: string[] = []
  const afterBad = Promise.withResolvers<void>()
  const run = async (name: string) => {
    most = Math.max(most, ++running)
    if (name === "slow") await afterBad.promise
    running--
    if (name === "bad") {
      setTimeout(afterBad.resolve, 1)
      throw new Error("bad")
    }
    over.push(name)
  }
  await expect(inLanes([["slow"], ["a", "bad", "never"], ["b"], ["c"]], 2, run)).rejects.toThrow("bad")
  expect([most, over, running]).toEqual([2, ["a", "slow"], 0])
})
