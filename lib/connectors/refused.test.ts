import { expect, test } from "vitest"
import { ConnectorError } from "./connector-error.ts"
import { recoded } from "./recoded.ts"
import { firstChange } from "./refused.ts"

test("a first change that is refused has done nothing, a lost answer leaves it open, and a bug stays a bug", async () => {
  const of = (error: unknown): Promise<unknown> => firstChange(Promise.reject(error)).catch((thrown: unknown) => thrown)
  const said = new ConnectorError("forbidden", "issue secret", "No.", { httpStatus: 403 })
  expect(said.nothingDone).toBe(false)
  const told = await of(said)
  expect(told).toMatchObject({ code: "forbidden", httpStatus: 403, nothingDone: true })
  expect(told instanceof ConnectorError && recoded(told, { code: "conflict" }).nothingDone).toBe(true)
  expect(await of(new ConnectorError("lost_answer", "issue secret", "?"))).toMatchObject({ nothingDone: false })
  const bug = new Error("bug")
  expect(await of(bug)).toBe(bug)
})
