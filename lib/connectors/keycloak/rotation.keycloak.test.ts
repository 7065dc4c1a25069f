/** Both rotation modes on a real server, and everything that could destroy a secret in use. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import type { Connector } from "../port.ts"
import { policyName } from "./policy.ts"
import { testFetch, testRealm, type TestRealm } from "./realm.fixture.ts"
import { samples } from "./samples.fixture.ts"
import { serverUnderTest } from "./server.fixture.ts"

let realm: TestRealm
let connector: Connector
let count = 0
let name = ""
let remoteId = ""

beforeAll(async () => {
  realm = await testRealm(serverUnderTest())
  connector = realm.connector()
})
afterAll(() => realm?.remove())
beforeEach(async () => {
  name = `rotating-${++count}`
  const [object] = connector.shape([{ ...samples.client, key: name }]).objects
  if (!object) throw new Error("no client")
  remoteId = (await writing(connector).create(object, "p:c")).remoteId
})

async function issue(client = name): Promise<{ value: string; remoteId: string }> {
  const value = samples.secretValue()
  const input = { client, value, fingerprint: "", marker: value, expiresAt: null }
  return { value, remoteId: (await secretsOf(connector).issue(input)).remoteId }
}
const works = async (value: string, client = name): Promise<boolean> =>
  (await realm.token(client, value, {})).status === 200
const byHand = (body: object) => realm.admin("PUT", `/clients/${remoteId}`, { attributes: {}, ...body })
const rename = (to: string) =>
  writing(connector).update(remoteId, { ...samples.client, key: name }, [{ field: "display_name", from: "", to }])

async function withoutPolicy<T>(run: () => Promise<T>): Promise<T> {
  const { body } = await realm.admin("GET", "/client-policies/policies")
  await realm.admin("PUT", "/client-policies/policies", { policies: [] })
  try {
    return await run()
  } finally {
    await realm.admin("PUT", "/client-policies/policies", body)
  }
}

describe("with the policy", () => {
  test("the strategy is overlap", async () => {
    expect(await secretsOf(connector).strategyOf?.(name)).toMatchObject({ is: "overlap", downtimeSeconds: 0 })
  })

  test("the secret that Keycloak made for a new client is nobody's: not listed, and ended by the first of ours", async () => {
    const { body } = await realm.admin("GET", `/clients/${remoteId}/client-secret`)
    const made = (body as { value: string }).value
    expect(await works(made)).toBe(true)
    expect(await secretsOf(connector).listSecrets(name)).toEqual([])
    const { value } = await issue()
    expect([await works(made), await works(value)]).toEqual([false, true])
  })

  test("a write of the client in overlap keeps both secrets", async () => {
    const [old, fresh] = [await issue(), await issue()]
    await rename("Renamed")
    expect([await works(old.value), await works(fresh.value)]).toEqual([true, true])
  })

  test("a write that would end the old secret, because the policy is gone, is a conflict and writes nothing", async () => {
    const [old, fresh] = [await issue(), await issue()]
    await withoutPolicy(async () => {
      await expect(rename("Never")).rejects.toMatchObject({ code: "conflict" })
      expect([await works(old.value), await works(fresh.value)]).toEqual([true, true])
    })
  })

  test("a write of a client whose secret has expired would make Keycloak rotate: a conflict", async () => {
    const { value } = await issue()
    await byHand({ attributes: { "client.secret.expiration.time": String(Math.floor(Date.now() / 1_000) + 2) } })
    await expect.poll(() => works(value), { timeout: 10_000, interval: 500 }).toBe(false)
    await expect(rename("Never")).rejects.toMatchObject({ code: "conflict" })
    const { body } = await realm.admin("GET", `/clients/${remoteId}/client-secret`)
    expect(body).toMatchObject({ value })
    const next = await issue()
    expect([await works(next.value), await works(value)]).toEqual([true, false])
  })

  test("with the end of the secret an older one ends too, and the next one does not bring it back", async () => {
    const [older, old] = [await issue(), await issue()]
    await byHand({ attributes: { "client.secret.expiration.time": String(Math.floor(Date.now() / 1_000) + 2) } })
    await expect.poll(() => works(old.value), { timeout: 10_000, interval: 500 }).toBe(false)
    expect(await works(older.value)).toBe(false)
    const fresh = await issue()
    expect([await works(older.value), await works(old.value), await works(fresh.value)]).toEqual([false, false, true])
    expect((await secretsOf(connector).listSecrets(name)).map((one) => one.remoteId)).toEqual([fresh.remoteId])
  })

  test("the new secret is taken back: the old one goes on alone", async () => {
    const [old, fresh] = [await issue(), await issue()]
    await secretsOf(connector).retire(name, fresh.remoteId)
    expect([await works(old.value), await works(fresh.value)]).toEqual([true, false])
    expect((await secretsOf(connector).listSecrets(name)).map((one) => one.remoteId)).toEqual([old.remoteId])
  })

  test("the last secret is retired: nothing is listed and nothing works", async () => {
    const { value, remoteId: id } = await issue()
    await secretsOf(connector).retire(name, id)
    expect(await works(value)).toBe(false)
    expect(await secretsOf(connector).listSecrets(name)).toEqual([])
    const next = await issue()
    expect(await works(next.value)).toBe(true)
  })

  test("both secrets tell when they were made and when they end", async () => {
    await issue()
    await issue()
    const listed = await secretsOf(connector).listSecrets(name)
    expect(listed).toHaveLength(2)
    for (const { createdAt, expiresAt } of listed) {
      expect(Math.abs(Date.parse(createdAt ?? "") - Date.now())).toBeLessThan(60_000)
      expect(Date.parse(expiresAt ?? "")).toBeGreaterThan(Date.now() + 86_400_000)
    }
  })

  test("an adopted client keeps the secret that is in use: it joins the policy with the new one, and gets no mark", async () => {
    const secret = samples.secretValue()
    const adopted = `adopted-${count}`
    await realm.admin("POST", "/clients", { clientId: adopted, serviceAccountsEnabled: true, secret })
    expect(await secretsOf(connector).strategyOf?.(adopted)).toMatchObject({ is: "overlap" })
    expect(await secretsOf(connector).listSecrets(adopted)).toHaveLength(1)
    const { value } = await issue(adopted)
    expect([await works(secret, adopted), await works(value, adopted)]).toEqual([true, true])
    expect(await writing(connector).find("client", adopted)).toMatchObject({ marked: false })
  })
})

test("where the realm has a policy of its own, the old secret lives as long as that one says", async () => {
  const { body } = await realm.admin("GET", "/client-policies/profiles")
  const own = JSON.parse(JSON.stringify(body)) as {
    profiles: { executors: { configuration: Record<string, number> }[] }[]
  }
  for (const { executors } of own.profiles)
    for (const { configuration } of executors) configuration["rotated-expiration-period"] = 7_200
  await realm.admin("PUT", "/client-policies/profiles", own)
  try {
    expect(await secretsOf(connector).strategyOf?.(name)).toMatchObject({
      is: "overlap",
      why: expect.stringContaining("at most 2 hours") as string,
    })
    const [old, fresh] = [await issue(), await issue()]
    expect([await works(old.value), await works(fresh.value)]).toEqual([true, true])
    const listed = await secretsOf(connector).listSecrets(name)
    const ends = Date.parse(listed.find((one) => one.remoteId === old.remoteId)?.expiresAt ?? "")
    expect(Math.abs(ends - Date.now() - 7_200_000)).toBeLessThan(60_000)
  } finally {
    await realm.admin("PUT", "/client-policies/profiles", body)
  }
})

describe("without the policy", () => {
  test("the strategy says cut-over and why; a new secret ends the old one at once", async () => {
    await withoutPolicy(async () => {
      expect(await secretsOf(connector).strategyOf?.(name)).toMatchObject({
        is: "in_place",
        why: expect.stringContaining("secret-rotation policy") as string,
      })
      const [old, fresh] = [await issue(), await issue()]
      expect([await works(old.value), await works(fresh.value)]).toEqual([false, true])
      expect((await secretsOf(connector).listSecrets(name)).map((one) => one.remoteId)).toEqual([fresh.remoteId])
      await rename("Renamed")
      expect(await works(fresh.value)).toBe(true)
    })
  })

  test("who may not read the policies is told that it may be a cut-over", async () => {
    const weak = await realm.as(["manage-clients"])
    expect(await secretsOf(weak).strategyOf?.(name)).toMatchObject({
      is: "in_place",
      why: expect.stringContaining("view-realm") as string,
    })
  })

  test("the check warns of the cut-over", async () => {
    const checks = await withoutPolicy(() => connector.check())
    expect(checks.filter(({ is }) => is !== "pass").map((one) => one.name)).toEqual(["rotation_policy"])
  })
})

test("set-up made the policy under its own name, beside those of others", async () => {
  const { body } = await realm.admin("GET", "/client-policies/policies")
  expect((body as { policies: { name: string }[] }).policies.map((one) => one.name)).toContain(policyName)
})

test("a masked secret is unknown, never a secret of that value", async () => {
  const masking: GuardedFetch = async (url, init) => {
    const answer = await testFetch(url, init)
    return { ...answer, text: answer.text.replace(/"secret":"[^"]*"/g, '"secret":"**********"') }
  }
  await issue()
  await expect(secretsOf(realm.connector(masking)).listSecrets(name)).rejects.toMatchObject({ code: "forbidden" })
})

test("no secret stands in an error, not even in what a read quotes", async () => {
  const { value } = await issue()
  const garbling: GuardedFetch = async (url, init) => {
    const answer = await testFetch(url, init)
    return url.includes("/clients?") ? { ...answer, text: answer.text.replace('"id":', '"nr":') } : answer
  }
  const error: unknown = await writing(realm.connector(garbling))
    .find("client", name)
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: "unknown", excerpt: null })
  expect(JSON.stringify(error)).not.toContain(value)
})

test("only a refused write says that nothing was done: a look that is refused after it leaves open which secret works", async () => {
  await issue()
  await withoutPolicy(async () => {
    const no = { status: 403, headers: new Headers(), text: "" }
    const refusal = async (fetch: GuardedFetch): Promise<unknown> =>
      secretsOf(realm.connector(fetch))
        .issue({ client: name, value: samples.secretValue(), fingerprint: "", marker: "m", expiresAt: null })
        .catch((error: unknown) => error)
    const closed: GuardedFetch = async (url, init) => (init?.method === "PUT" ? no : await testFetch(url, init))
    expect(await refusal(closed)).toMatchObject({ code: "forbidden", nothingDone: true })
    let taken = false
    const half: GuardedFetch = async (url, init) => {
      if (taken) return no
      taken = init?.method === "PUT"
      return await testFetch(url, init)
    }
    expect(await refusal(half)).toMatchObject({ code: "forbidden", nothingDone: false })
  })
})
