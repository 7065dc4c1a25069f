import { randomBytes } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Secret } from "../base/secret.ts"
import { CannotOpen, keyCheck, open, seal } from "./seal.ts"

const key = randomBytes(32)
const context = { client: "order-service", secret: "1" }

describe("sealing", () => {
  test("what was sealed opens to the same value", () => {
    fc.assert(
      fc.property(
        // Any code points, half surrogate pairs too: the library's own unit for that takes a second to prepare.
        fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points)),
        (value) => open(seal(new Secret(value), context, key), context, key).reveal() === value.toWellFormed(),
      ),
    )
  })
  test("a value moved to another row does not open", () => {
    const sealed = seal(new Secret("s3cret"), context, key)
    expect(() => open(sealed, { ...context, secret: "2" }, key)).toThrow(CannotOpen)
  })
  test("another key does not open it, and names itself otherwise", () => {
    const other = randomBytes(32)
    expect(() => open(seal(new Secret("s3cret"), context, key), context, other)).toThrow(CannotOpen)
    expect(keyCheck(other)).not.toBe(keyCheck(key))
  })
  test("any flipped bit of the stored value is refused", () => {
    const sealed = seal(new Secret("s3cret"), context, key)
    for (const field of ["wrapped", "data"] as const) {
      const bytes = Buffer.from(sealed[field], "base64url")
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Buffer.from(bytes)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(() => open({ ...sealed, [field]: changed.toString("base64url") }, context, key)).toThrow(CannotOpen)
      }
    }
  })
  test("the stored form does not hold the value, and a Secret prints redacted", () => {
    const secret = new Secret("a-very-plain-value")
    expect(JSON.stringify(seal(secret, context, key))).not.toContain("plain")
    expect(`${secret} ${JSON.stringify({ secret })}`).not.toContain("plain")
  })
})
