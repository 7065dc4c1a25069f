import { describe, expect, test } from "vitest"
import { writing } from "../contract-subject.ts"
import type { FakeOidc } from "../fakes/oidc/server.ts"
import { client, fetch, issue, limitsOf, mannerly, put } from "./manners.fixture.ts"
import { oidcSamples } from "./samples.fixture.ts"

describe("the secret of a registration", () => {
  const at = mannerly()

  test("an update that would end a secret in use is refused before anything is sent", async () => {
    const { fake, open } = await at({ newSecretOnPut: true })
    await writing(open).create(client, "m")
    const { value } = await issue(open, "r:1")
    const before = fake.calls.length
    await expect(put(open, "x")).rejects.toMatchObject({ code: "feature_missing" })
    expect(fake.calls.slice(before)).toEqual([])
    expect(fake.clients.get("c1")?.secret).toBe(value)
  })

  const put503 = (fake: FakeOidc, times: number) =>
    fake.faults.add({ match: ({ method }) => method === "PUT", times, answer: { status: 503 } })

  test("a rehearsal that met a passing fault is held again before the secret is handed over", async () => {
    const { fake, open } = await at({ newSecretOnPut: true })
    put503(fake, 1)
    await writing(open).create(client, "m")
    const { value } = await issue(open, "r:1")
    expect(fake.clients.get("c1")?.secret).toBe(value)
    await expect(put(open, "x")).rejects.toMatchObject({ code: "feature_missing" })
    expect(fake.clients.get("c1")?.secret).toBe(value)
  })

  test("while it is not known what an update does to a secret in use, there is none; a rotation shows it", async () => {
    const { fake, open } = await at({})
    put503(fake, 2)
    await writing(open).create(client, "m")
    const { value } = await issue(open, "r:1")
    const before = fake.calls.length
    await expect(put(open, "x")).rejects.toMatchObject({ code: "feature_missing" })
    expect(fake.calls.slice(before)).toEqual([])
    await expect(issue(open, "r:2")).rejects.toMatchObject({ code: "feature_missing" })
    expect((await put(open, "x")).fields.display_name).toBe("x")
    expect(fake.clients.get("c1")?.secret).toBe(value)
  })

  test.each([true, false])(
    "a client without a secret teaches nothing about secrets that updates end (%s): the first one with a secret does",
    async (newSecretOnPut) => {
      const { fake, open } = await at({ newSecretOnPut, secretless: ["private_key_jwt"] })
      const { jwks = null } = oidcSamples.other.client
      const keyed = { ...client.fields, auth_method: "private_key_jwt", jwks }
      await writing(open).create({ ...client, key: "keyed", fields: keyed }, "m")
      expect(await limitsOf(open)).toEqual([])
      await writing(open).create(client, "m")
      const { value } = await issue(open, "r:1")
      expect(await limitsOf(open)).toEqual([newSecretOnPut ? "limit_update_secret" : "limit_rotate"])
      const updated = put(open, "x")
      if (newSecretOnPut) await expect(updated).rejects.toMatchObject({ code: "feature_missing" })
      else expect((await updated).fields.display_name).toBe("x")
      expect(fake.clients.get("c2")?.secret).toBe(value)
    },
  )

  test("a rotation whose answer was lost reads the new secret back instead of issuing a third", async () => {
    const { fake, open } = await at({ newSecretOnPut: true })
    await writing(open).create(client, "m")
    await issue(open, "r:1")
    fake.faults.add({ match: ({ method }) => method === "PUT", answer: "lost" })
    await expect(issue(open, "r:2")).rejects.toMatchObject({ code: "lost_answer" })
    const standing = fake.clients.get("c1")?.secret
    expect((await issue(open, "r:2")).value).toBe(standing)
    expect(fake.clients.get("c1")?.secret).toBe(standing)
  })

  test("where the second update of a replacement was lost, its secret is handed over, not the first one's", async () => {
    const { fake, oidc, open } = await at({ newSecretOnPut: true, merges: true })
    await writing(open).create(client, "m")
    await issue(open, "r:0")
    const held = fake.clients.get("c1")
    if (held) held.metadata.scope = "added-there"
    const losing = oidc.open(async (url, init) => {
      const answer = await fetch(url, init)
      if (init?.method === "PUT") fake.faults.add({ match: ({ method }) => method === "PUT", answer: "lost" })
      return answer
    })
    await expect(issue(losing, "r:1")).rejects.toMatchObject({ code: "lost_answer" })
    expect((await issue(open, "r:1")).value).toBe(fake.clients.get("c1")?.secret)
  })

  test("a secret that somebody else makes after a refused rotation is not handed over as ours", async () => {
    const { fake, open } = await at({ newSecretOnPut: true })
    await writing(open).create(client, "m")
    await issue(open, "r:0")
    fake.faults.add({ match: ({ method }) => method === "PUT", answer: { status: 429 } })
    await expect(issue(open, "r:1")).rejects.toMatchObject({ code: "rate_limited" })
    const held = fake.clients.get("c1")
    if (held) held.secret = "made-by-somebody-else"
    const { value } = await issue(open, "r:1")
    expect(value).not.toBe("made-by-somebody-else")
    expect(fake.clients.get("c1")?.secret).toBe(value)
  })

  test("a secret value is forgotten an hour after it was handed over", async () => {
    let ahead = 0
    const { open } = await at({ newSecretOnPut: true }, () => new Date(Date.now() + ahead))
    await writing(open).create(client, "m")
    const first = await issue(open, "r:1")
    expect((await issue(open, "r:1")).value).toBe(first.value)
    ahead = 2 * 3_600_000
    await writing(open).observe()
    expect((await issue(open, "r:1")).value).not.toBe(first.value)
  })
})
