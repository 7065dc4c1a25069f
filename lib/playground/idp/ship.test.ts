import { expect, test } from "vitest"
import { judge, pauseMs } from "./ship.ts"

const ack = '{"received":2,"stored":1,"duplicates":0,"rejected":[{"index":1,"code":"bad_timestamp","message":"no"}]}'

test("only a readable ack lets go of events", () => {
  expect(judge(200, null, ack)).toEqual({ is: "acked", rejected: [{ index: 1, code: "bad_timestamp", message: "no" }] })
  for (const text of ["", "<html>", "{}", "null"]) expect(judge(200, null, text).is).toBe("later")
})

test("what the size or a line may have caused is tried smaller", () => {
  for (const status of [400, 413, 422]) expect(judge(status, null, "").is).toBe("smaller")
})

test("a bad credential, a missing page and a busy server wait; Retry-After is honoured", () => {
  for (const status of [401, 403, 404, 408, 409, 500, 502])
    expect(judge(status, null, "")).toMatchObject({ is: "later", afterMs: null })
  expect(judge(503, "3", "")).toMatchObject({ is: "later", afterMs: 3_000 })
  expect(judge(429, "soon", "")).toMatchObject({ is: "later", afterMs: null })
})

test("the pause doubles, jitters, and never exceeds half a minute", () => {
  expect([pauseMs(0, 0), pauseMs(1, 0), pauseMs(2, 0), pauseMs(2, 1), pauseMs(50, 1)]).toEqual([
    125, 250, 500, 1_000, 30_000,
  ])
})
