/** What becomes of our reads and writes under weak credentials, and under an access token that ended, on a real server. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { grantKey, type DesiredObject } from "../objects.ts"
import type { Connector } from "../port.ts"
import { testFetch, testRealm, type TestRealm } from "./realm.fixture.ts"
import { serverUnderTest } from "./server.fixture.ts"
import { tokenUrl } from "./settings.ts"
import { audience, bringTo, client, grant } from "./wanted.fixture.ts"

let realm: TestRealm
let connector: Connector
beforeAll(async () => {
  realm = await testRealm(serverUnderTest())
  connector = realm.connector()
  await bring(client("worker"))
})
afterAll(() => realm?.remove())

const bring = (...objects: readonly DesiredObject[]) => bringTo(connector, objects)

/** The realm through an API that hides something of each answer, as a later version does for weaker credentials. */
function seenThrough(hide: (path: string, body: unknown) => unknown): GuardedFetch {
  return async (url, init) => {
    const answer = await testFetch(url, init)
    const path = url.split(`/admin/realms/${realm.settings.realm}`)[1]?.split("?")[0]
    if (path === undefined || (init?.method ?? "GET") !== "GET" || answer.status !== 200) return answer
    return { ...answer, text: JSON.stringify(hide(path, JSON.parse(answer.text))) }
  }
}
const withoutScopes = (body: unknown): unknown =>
  Array.isArray(body)
    ? body.map(withoutScopes)
    : { ...(body as object), defaultClientScopes: [], optionalClientScopes: [] }

describe("weak credentials", () => {
  test("query-clients alone is forbidden by name, and never an empty realm", async () => {
    const weak = await realm.as(["query-clients"])
    await expect(writing(weak).observe()).rejects.toMatchObject({
      code: "forbidden",
      message: expect.stringMatching(/view-clients|manage-clients/) as string,
    })
    await expect(writing(weak).find("client", "worker")).rejects.toMatchObject({ code: "forbidden" })
    await expect(secretsOf(weak).listSecrets("worker")).rejects.toMatchObject({ code: "forbidden" })
  })

  test("where scopes or their assignments are out of sight, no grant is taken for gone", async () => {
    const api = "https://hidden.example"
    await bring(audience(api, ["hidden:use"]), client("hidden-worker"), grant("hidden-worker", api, ["hidden:use"]))
    const there = await writing(connector).find("grant", grantKey("hidden-worker", api))
    const { remoteId = "", key = "" } = there ?? {}
    const narrower = grant("hidden-worker", api, [])
    const noAssignments = seenThrough((path, body) => (path.startsWith("/clients") ? withoutScopes(body) : body))
    const noScopes = seenThrough((path, body) => (path === "/client-scopes" ? [] : body))
    for (const port of [noAssignments, noScopes].map((fetch) => writing(realm.connector(fetch)))) {
      await expect(port.find("grant", key)).rejects.toMatchObject({ code: "forbidden" })
      await expect(port.observe()).rejects.toMatchObject({ code: "forbidden" })
      await expect(port.update(remoteId, narrower, [])).rejects.toMatchObject({ code: "forbidden" })
      await expect(port.remove("grant", remoteId, key)).rejects.toMatchObject({ code: "forbidden" })
    }
    expect(await writing(realm.connector()).find("grant", key)).toEqual(there)
  })

  test("a client whose scopes were all taken away by hand has no grant, as it shows", async () => {
    const api = "https://bare.example"
    await bring(audience(api, ["bare:use"]), client("bare-worker"), grant("bare-worker", api, ["bare:use"]))
    const port = writing(realm.connector())
    const { remoteId = "" } = (await port.find("client", "bare-worker")) ?? {}
    const { body } = await realm.admin("GET", "/client-scopes")
    for (const { id } of body as { id: string }[])
      await realm.admin("DELETE", `/clients/${remoteId}/default-client-scopes/${id}`)
    expect(await writing(realm.connector()).find("grant", grantKey("bare-worker", api))).toBeNull()
  })

  test("view-clients reads everything and may not write", async () => {
    const reader = await realm.as(["view-clients"])
    expect((await writing(reader).observe()).length).toBeGreaterThan(0)
    const [object] = reader.shape([client("never")]).objects
    await expect(writing(reader).create(object ?? client("never"), "m")).rejects.toMatchObject({ code: "forbidden" })
  })

  test("each missing role is named by the check", async () => {
    const none = await (await realm.as([])).check()
    const said = (name: string) => none.find((one) => one.name === name)
    for (const [name, role] of [
      ["clients", "manage-clients"],
      ["logs", "view-events"],
      ["policies", "view-realm"],
    ] as const)
      expect(said(name)).toMatchObject({ is: "fail", why: expect.stringContaining(role) as string })
    const reader = await (await realm.as(["view-clients", "view-events", "view-realm"])).check()
    expect(reader.filter(({ is }) => is === "fail").map(({ name }) => name)).toEqual(["may_write"])
  })
})

test("an access token that ended early is renewed once, in the middle of the work", async () => {
  let logins = 0
  let spoil = false
  const spoiling: GuardedFetch = async (url, init) => {
    if (url === tokenUrl(realm.settings)) logins += 1
    const headers = spoil && init?.headers?.authorization?.startsWith("Bearer ") ? { authorization: "Bearer old" } : {}
    spoil = false
    return await testFetch(url, { ...init, headers: { ...init?.headers, ...headers } })
  }
  const port = writing(realm.connector(spoiling))
  await port.find("client", "worker")
  spoil = true
  expect(await port.find("client", "worker")).toMatchObject({ key: "worker" })
  expect(logins).toBe(2)
})
