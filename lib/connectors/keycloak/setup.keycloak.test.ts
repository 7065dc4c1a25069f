/** The wizard on a real server: what it makes, and what it says when it cannot. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { writing } from "../contract-subject.ts"
import { testOpened } from "../memory.fixture.ts"
import { openKeycloak } from "./keycloak.ts"
import { testFetch, testRealm, type TestRealm } from "./realm.fixture.ts"
import { serverUnderTest } from "./server.fixture.ts"
import { setUpRealm } from "./setup.ts"

let realm: TestRealm
beforeAll(async () => {
  realm = await testRealm(serverUnderTest())
})
afterAll(() => realm?.remove())
const input = () => ({ ...serverUnderTest(), realm: realm.settings.realm })

test("a realm that it made passes every check, and its own sentence says what was done", async () => {
  expect((await realm.connector().check()).filter(({ is }) => is !== "pass")).toEqual([])
  expect(realm.setUp.lacking).toEqual([])
  expect(realm.setUp.done.join(" ")).toContain(`The realm ${realm.settings.realm} was made.`)
  expect(await writing(realm.connector()).observe()).toEqual([])
})

test("Grantry's own client has the roles that the connector uses, and no other", async () => {
  const idOf = async (clientId: string) =>
    ((await realm.admin("GET", `/clients?clientId=${clientId}`)).body as { id: string }[])[0]?.id ?? ""
  const { body } = await realm.admin("GET", `/clients/${await idOf(realm.settings.client_id)}/service-account-user`)
  const path = `/users/${(body as { id: string }).id}/role-mappings/clients/${await idOf("realm-management")}`
  const { body: roles } = await realm.admin("GET", path)
  expect((roles as { name: string }[]).map(({ name }) => name).toSorted()).toEqual([
    "manage-clients",
    "view-events",
    "view-realm",
    "view-users",
  ])
})

test("a client of that name is not taken over; under another name a second one is made in the same realm", async () => {
  await expect(setUpRealm(testFetch, input())).rejects.toMatchObject({ code: "conflict" })
  const second = await setUpRealm(testFetch, { ...input(), client_id: "grantry-two" })
  expect(second.settings).toMatchObject({ realm: realm.settings.realm, client_id: "grantry-two" })
  expect(second.done.join(" ")).not.toContain("was made. The realm")
})

test("what the realm keeps of its log already stays kept", async () => {
  const { body } = await realm.admin("GET", "/events/config")
  const kept = { ...(body as object), eventsExpiration: 99_999_999, enabledEventTypes: ["LOGIN", "CLIENT_LOGIN"] }
  await realm.admin("PUT", "/events/config", kept)
  await setUpRealm(testFetch, { ...input(), client_id: "grantry-three" })
  const { body: after } = await realm.admin("GET", "/events/config")
  expect(after).toMatchObject({ eventsExpiration: 99_999_999, eventsEnabled: true })
  expect((after as { enabledEventTypes: string[] }).enabledEventTypes).toEqual(
    expect.arrayContaining(["LOGIN", "CLIENT_LOGIN", "INTROSPECT_TOKEN"]),
  )
})

test("wrong credentials, a realm that is not there, and a plain service account are told apart", async () => {
  const wrong = { client_id: "boot", client_secret: "wrong" }
  await expect(setUpRealm(testFetch, { ...input(), admin: wrong })).rejects.toMatchObject({ code: "auth_failed" })
  const absent = `absent-${randomBytes(4).toString("hex")}`
  await expect(setUpRealm(testFetch, { ...input(), realm: absent })).rejects.toMatchObject({ code: "not_found" })
  const plain = { client_id: realm.settings.client_id, client_secret: realm.settings.client_secret }
  await expect(
    setUpRealm(testFetch, {
      ...input(),
      realm: absent,
      create_realm: true,
      admin_realm: realm.settings.realm,
      admin: plain,
    }),
  ).rejects.toMatchObject({ code: "forbidden" })
})

test("an administrator who may not give roles leaves no client behind", async () => {
  const refusing: GuardedFetch = async (url, init) =>
    url.includes("/role-mappings/") ? { status: 403, headers: new Headers(), text: "" } : await testFetch(url, init)
  const half = { ...input(), client_id: "grantry-half" }
  await expect(setUpRealm(refusing, half)).rejects.toMatchObject({ code: "forbidden" })
  expect((await setUpRealm(testFetch, half)).settings.client_id).toBe("grantry-half")
})

test("a client whose creation lost its answer is found again, and gets its roles", async () => {
  const cut: GuardedFetch = async (url, init) => {
    const answer = await testFetch(url, init)
    return init?.method === "POST" && url.endsWith("/clients") ? { ...answer, status: 502, text: "" } : answer
  }
  const { settings } = await setUpRealm(cut, { ...input(), client_id: "grantry-cut" })
  const connector = openKeycloak({ providerId: "p3", settings: { ...settings }, fetch: testFetch, ...testOpened() })
  expect(await connector.check()).toContainEqual(expect.objectContaining({ name: "may_write", is: "pass" }))
})

test("where the client cannot be taken away either, the first error is told, and the next run makes it anew", async () => {
  const refusing: GuardedFetch = async (url, init) => {
    const status = url.includes("/role-mappings/") ? 403 : init?.method === "DELETE" ? 500 : null
    return status === null ? await testFetch(url, init) : { status, headers: new Headers(), text: "" }
  }
  const left = { ...input(), client_id: "grantry-left" }
  await expect(setUpRealm(refusing, left)).rejects.toMatchObject({
    code: "forbidden",
    step: "give roles to our client",
  })
  const { body } = await realm.admin("GET", "/clients?clientId=grantry-left")
  expect(body).toHaveLength(1)
  expect((await setUpRealm(testFetch, left)).settings.client_id).toBe("grantry-left")
})

test("whoever cannot keep the secret takes the client away, and only then its name is free", async () => {
  const again = { ...input(), client_id: "grantry-again" }
  const { undo } = await setUpRealm(testFetch, again)
  await expect(setUpRealm(testFetch, again)).rejects.toMatchObject({ code: "conflict" })
  await undo()
  await undo()
  expect((await setUpRealm(testFetch, again)).settings.client_id).toBe("grantry-again")
})

test("a client with its roles is made anew where its run was abandoned; any other one stays", async () => {
  const left = { ...input(), client_id: "grantry-abandoned" }
  const { settings } = await setUpRealm(testFetch, left, { id: "first", abandoned: async () => false })
  const after = (gone: string) => ({ id: "second", abandoned: async (id: string) => id === gone })
  await expect(setUpRealm(testFetch, left, after("another"))).rejects.toMatchObject({ code: "conflict" })
  const again = await setUpRealm(testFetch, left, after("first"))
  expect(again.settings.client_secret).not.toBe(settings.client_secret)
  const connector = openKeycloak({
    providerId: "p4",
    settings: { ...again.settings },
    fetch: testFetch,
    ...testOpened(),
  })
  expect(await connector.check()).toContainEqual(expect.objectContaining({ name: "may_write", is: "pass" }))
})

test("no error repeats the administrator's password or secret", async () => {
  const password = `pw-${randomBytes(12).toString("hex")}`
  const echo: GuardedFetch = async (_url, init) => ({
    status: 400,
    headers: new Headers(),
    text: JSON.stringify({ error: String(init?.body), said: JSON.stringify(init?.headers) }),
  })
  for (const admin of [
    { username: "admin", password },
    { client_id: "boot", client_secret: password },
  ]) {
    const error: unknown = await setUpRealm(echo, { ...input(), admin }).catch((caught: unknown) => caught)
    expect(error).toMatchObject({ name: "ConnectorError" })
    expect(JSON.stringify(error)).not.toContain(password)
    expect(String((error as { excerpt?: string }).excerpt)).not.toContain(
      Buffer.from(password).toString("base64").slice(0, 12),
    )
  }
})
