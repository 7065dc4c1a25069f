import { expect, it } from "vitest"
import { expiredStash, misuseOf, tampered } from "./misuse.ts"

const inTurn = [
  "wrong_audience",
  "missing_scope",
  "grpc_unauthenticated",
  "role_missing",
  "tampered_signature",
  "grpc_permission_denied",
  "bearer_missing",
]
const kindsOf = (hasExpired: boolean) =>
  Array.from({ length: 9 * 40 }, (_, index) => misuseOf(index + 1, 40, hasExpired)).filter((kind) => kind !== undefined)

it("every fortieth call is a wrong one, the kinds in turn", () =>
  expect(kindsOf(true)).toEqual([...inTurn, "expired", "wrong_audience"]))

it("without an expired token its turn goes to the next kind; zero means never", () => {
  expect(kindsOf(false)).toEqual([...inTurn, "wrong_audience", "missing_scope"])
  expect(misuseOf(40, 0, true)).toBeUndefined()
})

it("tampering changes the claims and keeps the signature", () => {
  const payload = Buffer.from(JSON.stringify({ scope: "a", sub: "x" })).toString("base64url")
  const [header, changed = "", signature] = tampered(`h.${payload}.s`).split(".")
  expect([header, signature]).toEqual(["h", "s"])
  expect(JSON.parse(Buffer.from(changed, "base64url").toString())).toEqual({ scope: "a payments:admin", sub: "x" })
})

it("the stash gives a token only when no tolerance saves it any more, and only once", () => {
  let now = 0
  const stash = expiredStash(() => now)
  stash.offer("first", 1_000)
  stash.offer("second", 2_000)
  now = 62_000
  expect(stash.take()).toBeUndefined()
  now = 62_001
  expect([stash.hasExpired(), stash.take(), stash.take(), stash.hasExpired()]).toEqual([
    true,
    "first",
    undefined,
    false,
  ])
})
