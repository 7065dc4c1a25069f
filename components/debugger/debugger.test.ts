import { describe, expect, test } from "vitest"
import type { CheckResult } from "../../lib/token/inspect.ts"
import { readLocally } from "./local.ts"
import { overallWords, tilesOf } from "./strip.ts"

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
const jwt = (header: object, claims: object) => `${part(header)}.${part(claims)}.c2ln`
const now = 1_000_000_000_000

describe("what the browser says alone", () => {
  test.each([
    ["a JWT is decoded, and never called valid", jwt({ alg: "RS256" }, { exp: 1 }), "not_verified"],
    ["alg none in any letter case is unsecured", jwt({ alg: "nOnE" }, {}), "unsecured"],
    ["one segment is opaque", "abcdef", "opaque"],
    ["five segments are encrypted", `${part({ alg: "RSA-OAEP", enc: "A256GCM" })}.YQ.YQ.YQ.YQ`, "encrypted"],
    ["two segments are malformed", "a.b", "malformed"],
  ])("%s", (_, text, overall) => expect(readLocally(text, now)?.overall).toBe(overall))

  test("nothing pasted says nothing", () => expect(readLocally(" \n", now)).toBeNull())
  test("what was dropped from the paste is told", () =>
    expect(readLocally(` Bearer ${jwt({ alg: "RS256" }, {})}`, now)?.note).toContain("Bearer"))
  test("a token that is still live says for how long, a dead one does not", () => {
    expect(readLocally(jwt({ alg: "RS256" }, { exp: now / 1_000 + 60 }), now)?.livesSeconds).toBe(60)
    expect(readLocally(jwt({ alg: "RS256" }, { exp: now / 1_000 - 60 }), now)?.livesSeconds).toBeNull()
  })
})

const check = (name: string, is: CheckResult["is"]): CheckResult => ({
  name,
  is,
  title: name,
  source: "",
  why: `${name} ${is}`,
})

test("the strip shows the worst answer of each question", () => {
  const tiles = tilesOf([
    check("expiry", "pass"),
    check("not_before", "fail"),
    check("issued_at", "warn"),
    check("key", "skip"),
    check("algorithm", "pass"),
    check("revocation", "skip"),
  ])
  expect(tiles.find((t) => t.title === "Time")).toMatchObject({ is: "fail", why: "not_before fail" })
  expect(tiles.find((t) => t.title === "Key safety")?.is).toBe("pass")
  expect(tiles.find((t) => t.title === "Revocation")?.is).toBe("skip")
  expect(tiles.find((t) => t.title === "Scope")?.is).toBe("skip")
})

test("only a verified token is green", () =>
  expect(
    Object.entries(overallWords)
      .filter(([, w]) => w.tone === "pass")
      .map(([name]) => name),
  ).toEqual(["valid"]))
