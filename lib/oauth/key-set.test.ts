import { expect, it } from "vitest"
import { makeIssuer, testNow } from "./issuer.fixture.ts"
import { KeySet } from "./key-set.ts"
import { hasForgeableExponent, verificationKey } from "./key.ts"

async function rig(alg = "ES256") {
  const idp = await makeIssuer(alg)
  const state = { now: testNow, body: idp.jwks as unknown, down: false, reads: 0 }
  const keys = new KeySet({
    jwksUri: "https://idp.example/jwks",
    now: () => state.now,
    fetch: async () => {
      state.reads++
      await Promise.resolve()
      return state.down ? new Response("", { status: 502 }) : Response.json(state.body)
    },
  })
  return { idp, state, keys, alg }
}

it("reads once, then serves from the cache, and counts both", async () => {
  const { keys, state } = await rig()
  for (let i = 0; i < 5; i++) expect(await keys.find("key-1", "ES256")).toHaveLength(1)
  expect(state.reads).toBe(1)
  expect(keys.counters()).toEqual({ requests: 5, misses: 1 })
})

it("a thousand tokens with unknown keys cause one reading in 30 s", async () => {
  const { keys, state } = await rig()
  await keys.find("key-1", "ES256")
  state.now += 30_000
  await Promise.all(Array.from({ length: 1000 }, (_, i) => keys.find(`../${i}`, "ES256")))
  expect(state.reads).toBe(2)
  state.now += 29_999
  await keys.find("another", "ES256")
  expect(state.reads).toBe(2)
})

it("a key published just before its first use is found by one more reading", async () => {
  const { keys, state, idp } = await rig()
  await keys.find("key-1", "ES256")
  const next = await makeIssuer("ES256", "key-2")
  state.body = { keys: [...idp.jwks.keys, ...next.jwks.keys] }
  state.now += 31_000
  expect(await keys.find("key-2", "ES256")).toHaveLength(1)
})

it("keeps the last good set while the issuer is down, and reads again when it is back", async () => {
  const { keys, state } = await rig()
  await keys.find("key-1", "ES256")
  Object.assign(state, { down: true, now: state.now + 700_000 })
  expect(await keys.find("key-1", "ES256")).toHaveLength(1)
  expect(await keys.find("key-1", "ES256")).toHaveLength(1)
  expect(state.reads).toBe(2)
})

it("rejects only when there never was a key set", async () => {
  const { keys, state } = await rig()
  state.down = true
  await expect(keys.find("key-1", "ES256")).rejects.toMatchObject({ code: "key_set_unavailable" })
  Object.assign(state, { down: false, now: state.now + 1_000 })
  expect(await keys.find("key-1", "ES256")).toHaveLength(1)
})

it("a poisoned reply is refused whole and the old set stays", async () => {
  const { keys, state, idp } = await rig()
  const before = await keys.find("key-1", "ES256")
  const [good] = idp.jwks.keys
  const other = (await makeIssuer()).jwks.keys[0]
  const poisons = [
    [{ ...good, d: "secret" }],
    [good, { kty: "oct", k: "c2VjcmV0", kid: "s" }],
    [good, good],
    [{ ...other, kid: "key-1" }],
    [good, { kty: "RSA", n: "AQAB", e: "AQ", kid: "e1" }],
    Array.from({ length: 101 }, (_, i) => ({ ...good, kid: `k${i}` })),
    ["text"],
  ]
  for (const poison of [...poisons.map((list) => ({ keys: list })), [], "text", {}]) {
    Object.assign(state, { body: poison, now: state.now + 31_000 })
    await keys.find("unknown", "ES256")
    expect(await keys.find("e1", "RS256")).toHaveLength(0)
    expect(await keys.find("s", "HS256")).toHaveLength(0)
    expect((await keys.find("key-1", "ES256"))[0]).toBe(before[0])
  }
  expect(state.reads).toBe(1 + poisons.length + 3)
})

it("without a key id every fitting key comes back, so that the verifier can call several ambiguous", async () => {
  const { keys, state, idp } = await rig()
  const next = await makeIssuer("ES256", "key-2")
  const foreign = await makeIssuer("EdDSA", "key-3")
  state.body = { keys: [...idp.jwks.keys, ...next.jwks.keys, ...foreign.jwks.keys] }
  expect(await keys.find(undefined, "ES256")).toHaveLength(2)
  expect(await keys.find(undefined, "EdDSA")).toHaveLength(1)
})

it.each(["ES256", "RS256", "EdDSA"])(
  "a fresh %s key is usable; marked for encryption, for another use or algorithm it is not",
  async (alg) => {
    const [jwk] = (await makeIssuer(alg)).jwks.keys
    if (jwk === undefined) throw new Error("the fixture made no key")
    expect(verificationKey(jwk).unusable).toBeUndefined()
    expect(verificationKey({ ...jwk, use: "enc" }).unusable).toBeDefined()
    expect(verificationKey({ ...jwk, key_ops: ["sign"] }).unusable).toBeDefined()
    expect(verificationKey({ ...jwk, alg: "HS256" }).unusable).toBeDefined()
  },
)

it("weak RSA keys are told apart", async () => {
  const [strong] = (await makeIssuer("RS256")).jwks.keys
  if (strong?.n === undefined) throw new Error("the fixture made no key")
  expect(verificationKey({ ...strong, n: strong.n.slice(0, 170) }).unusable).toContain("bits")
  expect(hasForgeableExponent({ ...strong, e: "AQ" })).toBe(true)
  expect(hasForgeableExponent({ ...strong, e: "Aw" })).toBe(true)
  expect(hasForgeableExponent(strong)).toBe(false)
})

it("a modulus of the known-weak generator is unusable", () => {
  // A power of 65537 has the fingerprint by construction: every power lies in the group that 65537 generates.
  const n = (65_537n ** 130n).toString(16)
  const bytes = Uint8Array.from((n.length % 2 ? `0${n}` : n).match(/../g) ?? [], (pair) => parseInt(pair, 16))
  const modulus = btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "")
  expect(verificationKey({ kty: "RSA", n: modulus, e: "AQAB" }).unusable).toContain("CVE-2017-15361")
})
