import { expect, test } from "vitest"
import { ConnectorError } from "./connector-error.ts"
import { firstChange, recoded } from "./recoded.ts"

test("a refusal in other words keeps everything that the provider said, and its first form as the cause", () => {
  const said = { httpStatus: 400, providerCode: "E1", excerpt: "taken", requestId: "r-1", retryAt: new Date(5) }
  const first = new ConnectorError("invalid", "create app", "Refused.", said)
  const told = recoded(first, { code: "conflict", message: "It is there already." })
  expect(told).toMatchObject({
    ...said,
    code: "conflict",
    step: "create app",
    message: "It is there already.",
    cause: first,
  })
  expect(recoded(first, { retryAt: new Date(9) })).toMatchObject({
    ...said,
    code: "invalid",
    message: "Refused.",
    retryAt: new Date(9),
  })
  const { httpStatus, excerpt, requestId, retryAt } = recoded(new ConnectorError("unknown", "s", "m"), {})
  expect([httpStatus, excerpt, requestId, retryAt]).toEqual([null, null, null, null])
})

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
