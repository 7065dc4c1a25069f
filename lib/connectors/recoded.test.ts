import { expect, test } from "vitest"
import { ConnectorError } from "./connector-error.ts"
import { recoded } from "./recoded.ts"

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
