/** The wizard while the database or the process goes away: on a real Postgres, and our fake of Keycloak. */
import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest"
import { systemActor } from "../auth/system.ts"
import { guardedFetch, useOutgoing, type GuardedFetch } from "../base/http.ts"
import { log } from "../base/log.ts"
import { startFakeKeycloak, type FakeKeycloak } from "../connectors/fakes/keycloak/fake.ts"
import { setUpRealm } from "../connectors/keycloak/setup.ts"
import { db } from "../db/client.ts"
import { wiredDatabase } from "../db/losing-wire.fixture.ts"
import { isDatabaseTrouble } from "../db/trouble.ts"
import { closeBoss } from "../queue/boss.ts"
import { useKey } from "../vault/key.ts"
import { createProvider } from "./commands.ts"
import { testProvider } from "./queries.ts"
import { keycloakSetupInput, setUpKeycloak } from "./set-up.ts"

const wire = wiredDatabase()
let keycloak: FakeKeycloak
const fetch = guardedFetch({ allowHosts: ["127.0.0.1", "localhost"] })
const admin = systemActor("test")

beforeAll(async () => {
  useKey(randomBytes(32))
  useOutgoing(fetch)
  keycloak = await startFakeKeycloak()
  // The first provider starts the queue, whose own commits are not meant below.
  const settings = { base_url: keycloak.url, realm: "other", client_id: "other", client_secret: "of no use" }
  await createProvider(admin, { kind: "keycloak", name: "other", environment: "test", settings })
})
afterEach(() => {
  vi.restoreAllMocks()
  wire().whole()
})
afterAll(async () => {
  await closeBoss()
  await keycloak.stop()
})

const input = (realm: string, name = realm) =>
  keycloakSetupInput.parse({
    name,
    environment: "test",
    base_url: keycloak.url,
    realm,
    create_realm: true,
    admin: keycloak.admin,
  })

/** `then` runs when Grantry's client has its roles, right before the provider is saved. */
const onceReady =
  (then: () => void | Promise<void>): GuardedFetch =>
  async (url, init) => {
    const answer = await fetch(url, init)
    if (init?.method === "POST" && url.includes("/role-mappings/")) await then()
    return answer
  }
const errorOf = async (run: Promise<unknown>): Promise<unknown> =>
  run.then(
    () => null,
    (error: unknown) => error,
  )
const works = async (name: string) => {
  const { id } = await db().provider.findUniqueOrThrow({ where: { name } })
  return (await testProvider(admin, id)).ok
}
/** What a holder that is gone could not give back ends by itself, after seconds. */
const leasesEnd = () => db().$executeRaw`update lease set until = clock_timestamp()`
const failures = async (name: string) =>
  (await db().trailEntry.findMany({ where: { action: "provider.set_up_failed", targetName: name } })).map(
    ({ after }) => after,
  )

test("a provider whose commit lost its answer is answered as connected, and its client stands", async () => {
  const made = await setUpKeycloak(
    admin,
    input("lost"),
    onceReady(() => wire().lose(1, "its answer")),
  )
  expect(made.provider).toMatchObject({ kind: "keycloak", name: "lost" })
  expect([await works("lost"), await failures("lost")]).toEqual([true, []])
  await expect(setUpKeycloak(admin, input("lost", "again"))).rejects.toMatchObject({
    errors: [{ path: "client_id", code: "provider_conflict" }],
  })
  expect(await works("lost")).toBe(true)
})

test("while nobody can tell whether the provider stands its client is left and named; the next run goes on from it", async () => {
  const doubtful = onceReady(() => wire().lose(1, "itself"))
  expect(isDatabaseTrouble(await errorOf(setUpKeycloak(admin, input("doubt"), doubtful)))).toBe(true)
  expect(await failures("doubt")).toMatchObject([{ step: "connect the realm", client_left_behind: "grantry-console" }])
  const { done } = await setUpKeycloak(admin, input("doubt"))
  expect(done.join(" ")).toContain("The client grantry-console was made")
  expect(await works("doubt")).toBe(true)
})

test("with the database away the person is told that, not what the trail could not take", async () => {
  const logged = vi.spyOn(log, "error").mockImplementation(() => {})
  const gone = onceReady(() => wire().cut())
  expect(isDatabaseTrouble(await errorOf(setUpKeycloak(admin, input("away"), gone)))).toBe(true)
  wire().whole()
  expect([await failures("away"), logged.mock.calls.length]).toEqual([[], 1])
  await leasesEnd()
  await setUpKeycloak(admin, input("away"))
  expect(await works("away")).toBe(true)
})

test("killed before the provider is saved, the set-up can be run again when its lease is over, and not beside itself", async () => {
  const ready = Promise.withResolvers<void>()
  const killed = onceReady(() => {
    ready.resolve()
    return new Promise(() => {})
  })
  void setUpKeycloak(admin, input("killed"), killed)
  await ready.promise
  await expect(setUpKeycloak(admin, input("killed"))).rejects.toMatchObject({ code: "set_up_running" })
  await leasesEnd()
  await setUpKeycloak(admin, input("killed"))
  expect(await works("killed")).toBe(true)
  await expect(setUpKeycloak(admin, input("killed", "again"))).rejects.toMatchObject({
    errors: [{ path: "client_id", code: "provider_conflict" }],
  })
})

test("the client of a provider that stands is not taken over by another word for its server, nor once it was moved", async () => {
  const { provider } = await setUpKeycloak(admin, input("twice"))
  const taken = { errors: [{ path: "client_id", code: "provider_conflict" }] }
  const base_url = keycloak.url.replace("127.0.0.1", "localhost")
  await expect(setUpKeycloak(admin, { ...input("twice", "again"), base_url })).rejects.toMatchObject(taken)
  await db().provider.update({
    where: { id: provider.id },
    data: { name: "moved", settings: { ...provider.settings, base_url } },
  })
  await expect(setUpKeycloak(admin, input("twice"))).rejects.toMatchObject(taken)
  expect(await works("moved")).toBe(true)
})

test("the client of another Grantry is not taken over", async () => {
  const { admin: by, ...plain } = input("theirs")
  await setUpRealm(fetch, { ...plain, admin: by })
  await expect(setUpKeycloak(admin, input("theirs"))).rejects.toMatchObject({
    errors: [{ path: "client_id", code: "provider_conflict" }],
  })
})
