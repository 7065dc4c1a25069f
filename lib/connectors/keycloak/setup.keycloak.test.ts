/** The wizard on a real server: what it makes, and what it says when it cannot. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { writing } from "../contract-subject.ts"
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
