/** What the local identity provider's log says of secrets is evidence of grade A: nobody else makes it, speaks for it or removes it. */
import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createApiToken } from "../auth/api-tokens.ts"
import { tokenActor } from "../auth/tokens.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { sourceOf } from "../events/source-of.ts"
import { getSource } from "../events/source-view.ts"
import { createPushToken, createSource, deleteSource, heartbeat, sourceInput, updateSource } from "../events/sources.ts"
import { person } from "../registry/registry.fixture.ts"
import { useKey } from "../vault/key.ts"
import { registerLocalIdp } from "./registration.ts"

const dataDir = mkdtempSync(join(tmpdir(), "grantry-registration-"))
const admin = person("admin")
let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
})
afterAll(async () => {
  await database.drop()
  rmSync(dataDir, { recursive: true })
})

const start = () => registerLocalIdp({ dataDir, port: 3000, localIdpPort: 3001 }, () => Promise.resolve(3001))
const settings = () =>
  JSON.parse(readFileSync(join(dataDir, "local-idp.json"), "utf8")) as { ingest_token: string; source_id: string }
const refused = { status: 409, code: "source_of_provider" }

test("nobody makes a source of the kind that only Grantry makes", () => {
  for (const kind of ["local_idp", "provider"])
    expect(sourceInput.safeParse({ name: "mine", kind }).error?.issues[0]?.path).toEqual(["kind"])
  expect(sourceInput.parse({ name: "mine" }).kind).toBe("push")
})

test("who may change everything does not speak for the local provider; the provider itself does", async () => {
  await start()
  const { ingest_token: token, source_id: id } = settings()
  await expect(createPushToken(admin, id, {})).rejects.toMatchObject(refused)
  const voice = createApiToken(admin, { name: "voice", permissions: ["events:write"], source_id: id })
  await expect(voice).rejects.toMatchObject(refused)
  await expect(heartbeat(admin, id, {})).rejects.toMatchObject(refused)
  expect((await getSource(admin, id)).complete_until).toBeNull()
  const idp = await tokenActor(token, null)
  if (idp === null) throw new Error("the provider's token is not known")
  expect(await sourceOf(idp)).toBe(id)
  expect(await heartbeat(idp, id, {})).toMatchObject({ source_id: id })
})

test("its events are not removed while the provider is connected, and can be after", async () => {
  await start()
  const { source_id: id } = settings()
  await expect(deleteSource(admin, id, { events: true, ifMatch: null })).rejects.toMatchObject(refused)
  await db().provider.deleteMany({ where: { kind: "local" } })
  await deleteSource(admin, id, { events: true, ifMatch: null })
  await start()
  expect(settings().source_id).not.toBe(id)
})

test("a source that somebody gave its name does not take its place at the next start, before it is there or after", async () => {
  await start()
  const { source_id: id } = settings()
  const { name } = await getSource(admin, id)
  await updateSource(admin, id, { name: "renamed" }, null)
  const { id: theirs } = await createSource(admin, { name, kind: "push" })
  await start()
  expect(settings().source_id).toBe(id)
  await db().provider.deleteMany({ where: { kind: "local" } })
  await deleteSource(admin, id, { events: false, ifMatch: null })
  await start()
  expect(settings().source_id).not.toBe(theirs)
  expect(await getSource(admin, settings().source_id)).toMatchObject({ kind: "local_idp" })
})
