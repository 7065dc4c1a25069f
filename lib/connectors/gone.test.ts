import { expect, test } from "vitest"
import { goneIsDone, orNull } from "./gone.ts"
import { ConnectorError } from "./connector-error.ts"

const refused = (code: "not_found" | "forbidden") => Promise.reject(new ConnectorError(code, "step", "No."))

test("what is not there is null, and its removal is done", async () => {
  expect(await orNull(refused("not_found"))).toBeNull()
  expect(await orNull(Promise.resolve("it"))).toBe("it")
  await expect(goneIsDone(refused("not_found"))).resolves.toBeUndefined()
})

test("any other refusal is never taken for gone", async () => {
  await expect(orNull(refused("forbidden"))).rejects.toMatchObject({ code: "forbidden" })
  await expect(goneIsDone(refused("forbidden"))).rejects.toMatchObject({ code: "forbidden" })
  await expect(goneIsDone(Promise.reject(new Error("bug")))).rejects.toThrow("bug")
})
