import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { inspectToken } from "./inspect.ts"
import { readKeySet } from "./keys.ts"
import {
  contextFor,
  ecSigner,
  edSigner,
  goodClaims,
  goodHeader,
  now,
  quickest,
  rsaSigner,
  segmentOf,
  sign,
} from "./token.fixture.ts"

const signers = [rsaSigner("r1"), ecSigner("e1"), edSigner("d1")] as const
const context = contextFor(...signers)
const valid = signers.map((signer) => sign(signer, goodHeader(signer), goodClaims))
const anyValid = fc.constantFrom(...valid)
const overall = (token: string, more = {}) => inspectToken(token, { ...context, ...more }).overall
const shuffled = <T>(items: readonly T[]) =>
  fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length })

describe("a verdict", () => {
  it("is valid for the tokens that these properties bend", () => {
    expect(valid.map((token) => overall(token))).toEqual(["valid", "valid", "valid"])
  })

  it("is never valid after any single octet of a token has changed", () => {
    fc.assert(
      fc.property(anyValid, fc.nat(), fc.integer({ min: 0, max: 255 }), (token, place, octet) => {
        const at = place % token.length
        const changed = token.slice(0, at) + String.fromCharCode(octet) + token.slice(at + 1)
        return changed === token || overall(changed) !== "valid"
      }),
      { numRuns: 600 },
    )
  })

  it("is never valid for another spelling of a valid token", () => {
    const spell = fc.constantFrom<(token: string, at: number) => string>(
      (token, at) => token.slice(0, at) + " " + token.slice(at),
      (token, at) => token.slice(0, at) + "\n" + token.slice(at),
      (token) => `${token}=`,
      (token) => token.replaceAll(".", "=."),
      (token) => token.replace(/[-_]/, (letter) => (letter === "-" ? "+" : "/")),
      (token) => encodeURIComponent(`${token}\u00a0`),
      (token) => `${token}.`,
      (token) => `.${token}`,
      (token) => `Bearer ${token}`,
      (token) => `\ufeff${token}`,
      // The stray bits of the last character of each segment.
      (token) =>
        token
          .split(".")
          .map(
            (part) =>
              part.slice(0, -1) +
              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".charAt(
                (part.charCodeAt(part.length - 1) + 1) % 64,
              ),
          )
          .join("."),
    )
    fc.assert(
      fc.property(anyValid, spell, fc.nat(), (token, change, place) => {
        const changed = change(token, place % (token.length + 1))
        return changed === token || overall(changed) !== "valid"
      }),
      { numRuns: 300 },
    )
  })

  it("does not depend on the order of the keys", () => {
    const withNoise = [...signers.map((signer) => signer.jwk), { kty: "AKP" }, { ...ecSigner("x9").jwk, use: "enc" }]
    fc.assert(
      fc.property(
        anyValid,
        shuffled(withNoise),
        (token, keys) => overall(token, { keys: readKeySet({ keys }, "issuer") }) === "valid",
      ),
      { numRuns: 60 },
    )
  })

  it("never improves when a key is made worse", () => {
    const worse = fc.constantFrom<object>(
      { e: "AQ" },
      { e: "Aw" },
      { n: "AQAB" },
      { y: "AQID" },
      { x: "AQID" },
      { use: "enc" },
      { key_ops: ["encrypt"] },
      { alg: "RSA-OAEP" },
      { kty: "oct" },
      { kid: 1 },
      { d: "AQID" },
    )
    const rank = ["valid", "not_verified", "unsupported", "rejected"]
    const made = fc.record({
      token: fc.oneof(
        anyValid,
        anyValid.map((token) => `${token.slice(0, -4)}AAAA`),
      ),
      index: fc.nat(2),
      change: worse,
    })
    fc.assert(
      fc.property(made, ({ token, index, change }) => {
        const keys = signers.map((signer, at) => (at === index ? { ...signer.jwk, ...change } : signer.jwk))
        expect(rank.indexOf(overall(token, { keys: readKeySet({ keys }, "issuer") }))).toBeGreaterThanOrEqual(
          rank.indexOf(overall(token)),
        )
      }),
      { numRuns: 100 },
    )
  })

  it("stays the same for a token signed again with its header members permuted", () => {
    const permuted = fc.constantFrom(...signers).chain((signer) =>
      shuffled(Object.entries(goodHeader(signer))).map((entries) => ({
        signer,
        header: Object.fromEntries(entries),
      })),
    )
    fc.assert(
      fc.property(permuted, ({ signer, header }) => overall(sign(signer, header, goodClaims)) === "valid"),
      { numRuns: 20 },
    )
  })

  it("is never valid, and nothing throws, when a claim is replaced by null, true, a number, an object or a huge text", () => {
    const replaced = fc.record({
      name: fc.constantFrom("iss", "sub", "client_id", "aud", "scope", "exp", "iat", "jti"),
      value: fc.constantFrom<unknown>(
        null,
        true,
        {},
        { a: [] },
        [{}],
        "",
        "x".repeat(20_000),
        -1,
        0,
        1,
        1e300,
        now * 1000,
      ),
    })
    const fine = ({ name, value }: { name: string; value: unknown }) =>
      (name === "iat" && typeof value === "number" && value <= 1) || (name === "scope" && value === "")
    fc.assert(
      fc.property(
        replaced.filter((one) => !fine(one)),
        ({ name, value }) => {
          const [, signer] = signers
          expect(
            overall(sign(signer, goodHeader(signer), { ...goodClaims, [name]: value }), {
              requiredScopes: ["payments:write"],
            }),
          ).toBe("rejected")
        },
      ),
      { numRuns: 150 },
    )
  })

  it("is never valid, and nothing throws, when a header member is replaced", () => {
    const replaced = fc.record({
      name: fc.constantFrom("alg", "kid", "typ", "crit", "b64"),
      value: fc.constantFrom<unknown>(null, true, false, 7, {}, [], "", "x".repeat(5000)),
    })
    fc.assert(
      fc.property(
        replaced.filter(({ name, value }) => !(name === "b64" && value !== false)),
        ({ name, value }) => {
          const [, signer] = signers
          const input = segmentOf({ ...goodHeader(signer), [name]: value })
          expect(overall(`${input}.${segmentOf(goodClaims)}.AQID`)).not.toBe("valid")
        },
      ),
      { numRuns: 60 },
    )
  })

  it("comes within 50 ms for the worst that 64 KiB can hold", () => {
    const worst = [
      "A".repeat(65_536),
      ".".repeat(65_536),
      "[".repeat(65_536),
      `{"a":${"[".repeat(65_000)}`,
      "eyJ".repeat(20_000) + "..",
      `${segmentOf(goodHeader(signers[0]))}.${segmentOf("[".repeat(48_000))}.AQID`,
      `${segmentOf({ ...goodHeader(signers[0]), kid: "é".repeat(20_000) })}.e30.AQID`,
      `${segmentOf(goodHeader(signers[0]))}.${segmentOf({ ...goodClaims, scope: "a ".repeat(20_000) })}.AQID`,
      `${segmentOf(goodHeader(signers[0]))}.${segmentOf(`{${Array.from({ length: 5000 }, (_, n) => `"${String(n)}":1`).join()}}`)}.AQID`,
    ]
    for (const token of worst)
      expect(
        quickest(() => inspectToken(token, context)),
        token.slice(0, 20),
      ).toBeLessThan(50)
  })
})
