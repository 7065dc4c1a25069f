/** The main job on a real Keycloak, with the registry in a real Postgres. */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, expect, test } from "vitest"
import { guardedFetch, useOutgoing } from "../base/http.ts"
import { testRealm, type TestRealm } from "../connectors/keycloak/realm.fixture.ts"
import { serverUnderTest } from "../connectors/keycloak/server.fixture.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { probeProvider } from "../providers/probe.ts"
import { getProvider, testProvider } from "../providers/queries.ts"
import { closeBoss } from "../queue/boss.ts"
import { deleteGrant } from "../registry/grants/commands.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { useKey } from "../vault/key.ts"
import { revertDrift } from "./drift-commands.ts"
import { adoptImport, importProvider } from "./import.ts"
import { listDrift } from "./queries.ts"
import { readProvider } from "./read.ts"
import { ada, addAudience, addClient, addGrant, apiOf, applyAll, planOf, rigOf, type Rig } from "./rig.fixture.ts"

let database: TestDatabase
let realm: TestRealm
let rig: Rig
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
  useOutgoing(guardedFetch({ allowHosts: ["127.0.0.1", "localhost"] }))
  realm = await testRealm(serverUnderTest())
  rig = await rigOf("keycloak", realm.settings)
})
afterAll(async () => {
  await closeBoss()
  await realm?.remove()
  await database?.drop()
})

const driftNow = async () => {
  await readProvider(rig.providerId)
  return (await listDrift(ada, rig.providerId, { all: false, limit: 50, after: null })).items
}
const remoteIdOf = async (kind: string, key: string) =>
  (
    await db().placement.findUniqueOrThrow({
      where: { providerId_kind_key: { providerId: rig.providerId, kind, key } },
    })
  ).remoteId

test("connected: healthy, its secret sealed, every check passes", async () => {
  await probeProvider(rig.providerId)
  const provider = await getProvider(ada, rig.providerId)
  expect(provider).toMatchObject({ status: "healthy", sealed: ["client_secret"] })
  expect(JSON.stringify(provider)).not.toContain(realm.settings.client_secret)
  expect(await testProvider(ada, rig.providerId)).toMatchObject({ ok: true })
})

test("plan and apply, a live secret, a real token with exactly that audience and scope, and an empty second plan", async () => {
  await addAudience(rig, "pay", ["payments:read", "payments:write"])
  const client = await addClient(rig, "order")
  await addGrant(rig, "order", "pay", ["payments:write"])
  const done = await applyAll(rig)
  expect(done).toMatchObject({ status: "applied" })
  expect(done.changes.map(({ kind, projection }) => [kind, projection])).toEqual([
    ["audience", undefined],
    ["client", undefined],
    ["grant", expect.objectContaining({ is: "exact" })],
  ])
  const [secret] = (await listSecrets(ada, client.id, { all: false, limit: 50, after: null })).items
  expect(secret).toMatchObject({ state: "live", provider_id: rig.providerId })
  const { client_id, client_secret } = await revealSecret(ada, client.id, secret?.id ?? "", async () => {})
  const answer = await realm.token(client_id, client_secret, { scope: "payments:write" })
  const { access_token } = answer.body as { access_token: string }
  const claims: unknown = JSON.parse(Buffer.from(access_token.split(".")[1] ?? "", "base64url").toString())
  expect(claims).toMatchObject({ aud: apiOf(rig, "pay"), scope: "payments:write", client_id })
  expect((await realm.token(client_id, client_secret, { scope: "payments:read" })).status).toBe(400)
  expect(await planOf(rig)).toMatchObject({ changes: [], kept: [] })
})

test("a change by hand is drift with its author and the client it was made through; reverted, it is as it was", async () => {
  const weak = await realm.as(["manage-clients"])
  const name = `${rig.tag}-order`
  const id = await remoteIdOf("client", name)
  if ("cannot" in weak.write) throw new Error("no write port")
  const there = await weak.write.find("client", name)
  const object = { kind: "client" as const, key: name, fields: there?.fields ?? {} }
  await weak.write.update(id, object, [{ field: "owner", from: null, to: "mallory" }])
  const [item, ...more] = await driftNow()
  expect(more).toEqual([])
  expect(item).toMatchObject({ kind: "client", key: name, fields: [{ field: "owner", found: "mallory" }] })
  expect(item?.actor).toMatchObject({
    name: expect.stringMatching(/^service-account-weak-/) as string,
    client: expect.stringMatching(/^weak-/) as string,
    realm: realm.settings.realm,
  })
  await revertDrift(ada, item?.id ?? "", null)
  expect(await applyAll(rig)).toMatchObject({ status: "applied" })
  expect(await driftNow()).toEqual([])
})

test("a second audience widens the grant, and the plan says so before anything is written", async () => {
  await addAudience(rig, "ship", ["payments:write"])
  const granted = await addGrant(rig, "order", "ship", ["payments:write"])
  const plan = await planOf(rig)
  expect(plan.changes.find(({ kind }) => kind === "grant")).toMatchObject({
    verb: "create",
    projection: { is: "widened" },
  })
  expect(await applyAll(rig)).toMatchObject({ status: "applied" })
  const { body } = await realm.admin("GET", "/client-scopes")
  expect((body as { name: string }[]).map(({ name }) => name)).toContain(`${apiOf(rig, "ship")}/payments:write`)
  await deleteGrant(ada, granted.id, null)
  const removed = await applyAll(rig)
  expect(removed.changes.map(({ verb, kind }) => [verb, kind])).toContainEqual(["delete", "grant"])
  expect(removed.status).toBe("applied")
  expect(await planOf(rig)).toMatchObject({ changes: [] })
})

test("what stood in the realm before is imported and adopted as it is: the plan after it is empty, and it is never deleted", async () => {
  const secret = randomBytes(16).toString("hex")
  await realm.behind.create({
    kind: "audience",
    key: "https://old.example",
    fields: { name: "Old", scopes: [{ name: "old:read", description: "" }] },
  })
  await realm.behind.create({
    kind: "client",
    key: "old-worker",
    fields: { display_name: "Old worker", enabled: true },
  })
  await realm.behind.create({ kind: "grant", key: "old-worker https://old.example", fields: { scopes: ["old:read"] } })
  const { body } = await realm.admin("GET", "/clients?clientId=old-worker")
  const [found] = body as { id: string }[]
  await realm.admin("PUT", `/clients/${found?.id}`, { secret, attributes: {} })
  const imported = await importProvider(ada, rig.providerId)
  expect(imported.found.map(({ key }) => key)).toContain("old-worker")
  await adoptImport(ada, imported.id, ["old-worker"])
  const plan = await planOf(rig)
  expect(plan.changes).toEqual([])
  expect((await realm.token("old-worker", secret, { scope: "https://old.example/old:read" })).status).toBe(200)
})
