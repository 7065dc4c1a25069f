import { expect, test } from "vitest"
import { heldToken } from "./held-token.ts"
import { ConnectorError } from "./connector-error.ts"

const refused = () => new ConnectorError("auth_failed", "call", "No.")

/** A token endpoint that numbers its tokens and answers when it is told to. */
function issuer(lifeSeconds: number | null = 600) {
  let now = 0
  let logins = 0
  let failing = false
  const held = heldToken(
    async () => {
      const token = `t${++logins}`
      await new Promise((done) => setImmediate(done))
      if (failing) throw refused()
      return { token, expiresInSeconds: lifeSeconds }
    },
    () => now,
  )
  return {
    held,
    logins: () => logins,
    pass: (seconds: number) => (now += seconds * 1_000),
    fail: (on: boolean) => (failing = on),
  }
}

const many = Array.from({ length: 8 }, (_, i) => i)

test("eight first calls make one login", async () => {
  const { held, logins } = issuer()
  expect(new Set(await Promise.all(many.map(() => held.get())))).toEqual(new Set(["t1"]))
  expect(logins()).toBe(1)
})

test("eight calls refused together make one fresh login, and each is run once more with it", async () => {
  const { held, logins } = issuer()
  await held.get()
  const seen: string[] = []
  const answers = await Promise.all(
    many.map((i) =>
      held.use(async (token) => {
        seen.push(token)
        // The last answers come after the fresh token is there.
        if (token === "t1") {
          for (let turn = 0; turn < i; turn++) await new Promise((done) => setImmediate(done))
          throw refused()
        }
        return token
      }),
    ),
  )
  expect(new Set(answers)).toEqual(new Set(["t2"]))
  expect(seen.filter((token) => token === "t2")).toHaveLength(8)
  expect(logins()).toBe(2)
})

test("where the fresh login is refused, whoever waits for it hears the same, and the next call asks again", async () => {
  const { held, logins, fail } = issuer()
  await held.get()
  fail(true)
  const told = await Promise.allSettled(many.map(() => held.use(() => Promise.reject(refused()))))
  expect(told.map((one) => one.status === "rejected" && (one.reason as ConnectorError).code)).toEqual(
    many.map(() => "auth_failed"),
  )
  expect(logins()).toBe(2)
  fail(false)
  expect(await held.get()).toBe("t3")
})

test("a second refusal is thrown, any other error is not tried again", async () => {
  const { held, logins } = issuer()
  await expect(held.use(() => Promise.reject(refused()))).rejects.toMatchObject({ code: "auth_failed" })
  expect(logins()).toBe(2)
  let runs = 0
  const forbidden = () => {
    runs++
    return Promise.reject(new ConnectorError("forbidden", "call", "No."))
  }
  await expect(held.use(forbidden)).rejects.toMatchObject({ code: "forbidden" })
  expect([runs, logins()]).toEqual([1, 2])
})

test.each([
  [600, 539, 541],
  [60, 39, 41],
])("a token of %i s is kept for %i s and renewed after %i s", async (life, kept, renewed) => {
  const { held, pass } = issuer(life)
  expect(await held.get()).toBe("t1")
  pass(kept)
  expect(await held.get()).toBe("t1")
  pass(renewed - kept)
  expect(await held.get()).toBe("t2")
})

test("a token without a told end is used once, and still logged in for only once", async () => {
  const { held, logins } = issuer(null)
  await held.get()
  expect(logins()).toBe(1)
  await held.get()
  expect(logins()).toBe(2)
})
