import { expect, test } from "vitest"
import { decodeCursor, encodeCursor, idCursor, timeCursor } from "./list.ts"

const code = (run: () => unknown): unknown => {
  try {
    run()
    return "no refusal"
  } catch (error) {
    return error instanceof Error && "errors" in error ? (error.errors as { code: string }[])[0]?.code : error
  }
}

test("a cursor comes back as it went", () => {
  const id = "01a1fc64-86c6-70a4-8e28-925f192e5a55"
  expect(decodeCursor(encodeCursor([id]), idCursor)).toEqual([id])
  expect(decodeCursor(encodeCursor(["2026-11-21T00:00:00.000Z", id]), timeCursor)).toEqual([
    "2026-11-21T00:00:00.000Z",
    id,
  ])
})

test("a cursor of another list, or of nobody, is refused as the sender's mistake", () => {
  for (const foreign of [
    encodeCursor([1, 2]),
    encodeCursor(["x"]),
    "garbage",
    "",
    Buffer.from("{}").toString("base64url"),
  ]) {
    expect([
      foreign,
      code(() => decodeCursor(foreign, idCursor)),
      code(() => decodeCursor(foreign, timeCursor)),
    ]).toEqual([foreign, "bad_cursor", "bad_cursor"])
  }
})
