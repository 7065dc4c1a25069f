import { describe, expect, it } from "vitest"
import { explain } from "./explain.ts"
import { tokenKind } from "./kind.ts"
import { claimWords, headerWords } from "./words.ts"

describe("explain", () => {
  it("knows every claim of the scopes openid, profile, email, address and phone", () => {
    const standard = [
      "sub",
      "name",
      "given_name",
      "family_name",
      "middle_name",
      "nickname",
      "preferred_username",
      "profile",
      "picture",
      "website",
      "gender",
      "birthdate",
      "zoneinfo",
      "locale",
      "updated_at",
      "email",
      "email_verified",
      "address",
      "phone_number",
      "phone_number_verified",
    ]
    expect(standard.filter((name) => !claimWords.has(name))).toEqual([])
  })

  it("gives every word a title, a meaning that is a sentence, and a source", () => {
    for (const [name, { title, meaning, source }] of [...headerWords, ...claimWords]) {
      expect([title.length > 1, /^[A-Za-z0-9].*\.$/.test(meaning), source.length > 5], name).toEqual([true, true, true])
    }
  })

  it("reads times for a person, and leaves what is no time alone", () => {
    const read = (exp: unknown) => explain(null, { exp })[0]?.reading
    expect(read(1_800_000_000)).toBe("2027-01-15T08:00:00Z")
    expect([read("soon"), read(null), read(1e300), read(-1e11 * 1e5)]).toEqual([null, null, null, null])
  })

  it("says that a claim it does not know is the issuer's own, prototype names included", () => {
    expect(explain({ constructor: 1 }, { toString: 2 }).map((one) => one.known)).toEqual([false, false])
  })
})

describe("the kind of a token", () => {
  it.each([
    ["access", { typ: "at+jwt" }, {}],
    ["access", { typ: "JWT" }, { typ: "Bearer", aud: "account", azp: "account" }],
    ["access", {}, { scope: "a" }],
    ["access", {}, { token_use: "access" }],
    ["id", {}, { aud: "web", azp: "web" }],
    ["id", {}, { at_hash: "x", scope: "openid" }],
    ["id", { typ: "at+jwt" }, { nonce: "x" }],
    ["refresh", { typ: "JWT" }, { typ: "Refresh", scope: "openid" }],
    ["logout", { typ: "logout+jwt" }, {}],
    ["unknown", {}, { iss: "x" }],
    ["unknown", {}, null],
  ])("%s: %j %j", (is, header, claims) => {
    expect(tokenKind(header, claims).is).toBe(is)
  })
})
