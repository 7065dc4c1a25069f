/**
 * One contract for every kind of provider that is pushed to, through the registry, the real engine on a real Postgres and
 * the real connector: `syncContract` runs it against a started one. The connector's own contract is
 * lib/connectors/contract.ts.
 */
import { randomBytes } from "node:crypto"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { log } from "../base/log.ts"
import { hourMs } from "../base/time.ts"
import { inOrder } from "../connectors/contract-subject.ts"
import { kindOf } from "../connectors/kinds.ts"
import { grantKey, type DesiredObject, type RemoteObject } from "../connectors/objects.ts"
import { isPort, type Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { memoryOf } from "../providers/memory.ts"
import { openConnector } from "../providers/open.ts"
import { deleteAudience, saveAudience } from "../registry/audiences/commands.ts"
import { deleteClient, saveClient } from "../registry/clients/commands.ts"
import { deleteGrant } from "../registry/grants/commands.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { runApplies } from "./apply.ts"
import { stopClient } from "./at-once.ts"
import { revertDrift } from "./drift-commands.ts"
import { adoptImport, importProvider } from "./import.ts"
import { connect, standing } from "./killed.fixture.ts"
import type { Subject } from "./kinds.fixture.ts"
import { listDrift, loadPlan } from "./queries.ts"
import { readProvider } from "./read.ts"
import { sampled, type Sampled } from "./samples.fixture.ts"
import { ada, applyAll, planOf, type Rig } from "./rig.fixture.ts"

/** Runs the contract. `start` is called once; each test connects the provider anew and uses names of its own. */
export function syncContract(kind: string, start: () => Promise<Subject>): void {
  describe(`${kind}, driven by the registry`, () => {
    let subject: Subject
    beforeAll(async () => {
      subject = await start()
    }, 240_000)
    afterAll(async () => {
      await subject?.stop()
    })

    /** The samples in the registry and at the provider. */
    async function pushed(): Promise<Pushed> {
      const r = await connect(kind, subject)
      const names = await sampled(r, subject.samples)
      const done = await applyAll(r)
      expect(done.status, JSON.stringify(done.changes.map(({ error }) => error))).toBe("applied")
      return { r, ...names }
    }

    test("plan, apply, and then nothing is left to do: no change, no drift", async () => {
      const { r } = await pushed()
      const kinds = (await shapedIn(r, subject)).map((object) => object.kind)
      expect((await standing(r)).length).toBeGreaterThan(0)
      expect((await db().placement.findMany({ where: { providerId: r.providerId } })).length).toBe(kinds.length)
      for (let again = 0; again < 2; again++) {
        expect((await planOf(r)).changes).toEqual([])
        expect(await driftOf(r)).toEqual([])
      }
    })

    test("other names for a client and an audience are an update of what is there, nothing is made again", async () => {
      const { r, client, audience } = await pushed()
      const before = [await remoteIds(r), await subject.counts()]
      await saveClient(ada, client.id, { display_name: "Renamed client" }, null)
      await saveAudience(ada, audience.id, { name: "Renamed audience" }, null)
      const done = await applyAll(r)
      expect([done.status, ...new Set(done.changes.map(({ verb }) => verb))]).toEqual(["applied", "update"])
      expect([await remoteIds(r), await subject.counts()]).toEqual(before)
      const titled = (await shapedIn(r, subject)).some(({ fields }) => "display_name" in fields)
      expect(JSON.stringify(await standing(r))).toContain(titled ? "Renamed client" : "Renamed audience")
      expect((await planOf(r)).changes).toEqual([])
    })

    test("a disabled client is off or gone, and comes back as it was", async () => {
      const { r, client } = await pushed()
      const before = await standing(r)
      const { plan } = await stopClient(ada, client.id, r.world)
      await runApplies(r.world)
      expect((await loadPlan(db(), plan.id)).status).toBe("applied")
      const left = (await seenOf(r)).find((one) => one.kind === "client" && one.key === client.name)
      expect(left === undefined || left.fields.enabled === false).toBe(true)
      expect((await planOf(r)).changes).toEqual([])
      await saveClient(ada, client.id, { enabled: true }, null)
      expect((await applyAll(r)).status).toBe("applied")
      expect(await standing(r)).toEqual(before)
      expect((await planOf(r)).changes).toEqual([])
    })

    test("what leaves the registry is deleted, the grant first", async () => {
      const before = await subject.counts()
      const { r, client, audience, grant } = await pushed()
      await deleteGrant(ada, grant.id, null)
      await deleteClient(ada, client.id, null)
      await deleteAudience(ada, audience.id, null)
      const done = await applyAll(r)
      expect(done.status, JSON.stringify(done.changes.map(({ error }) => error))).toBe("applied")
      expect(new Set(done.changes.map(({ verb }) => verb))).toEqual(new Set(["delete"]))
      expect(done.changes[0]?.kind).toBe("grant")
      expect(await standing(r)).toEqual([])
      expect(await subject.counts()).toEqual(before)
      expect((await planOf(r)).changes).toEqual([])
    })

    test("what others made stands as it stood, whatever of ours comes and goes beside it", async ({ skip }) => {
      const theirs = await foreign(skip)
      const { r, client, grant } = await pushed()
      await deleteGrant(ada, grant.id, null)
      await deleteClient(ada, client.id, null)
      expect((await applyAll(r)).status).toBe("applied")
      expect(theirs.made.length).toBeGreaterThan(0)
      expect(await theirs.now()).toEqual(theirs.made)
    })

    test("what a provider does not tell is unknown: neither drift nor a change", async () => {
      const { r } = await pushed()
      const masked: Rig = {
        ...r,
        world: { ...r.world, open: async (id) => masking(await openConnector(id), r.tag) },
      }
      expect(await driftOf(masked)).toEqual([])
      expect((await planOf(masked)).changes).toEqual([])
    })

    test("a field that Grantry does not own is left alone", async ({ skip }) => {
      const { meddle } = subject
      if (!isPort(meddle)) return skip(meddle.cannot)
      const { r, client } = await pushed()
      await meddle(client.name)
      expect(await driftOf(r)).toEqual([])
      expect((await planOf(r)).changes).toEqual([])
    })

    test("no secret in any row, plan, trail or log line, whatever Grantry and the provider know", async () => {
      const lines: unknown[] = []
      for (const level of ["debug", "info", "warn", "error"] as const)
        vi.spyOn(log, level).mockImplementation((...line: unknown[]) => void lines.push(line))
      try {
        const { client } = await pushed()
        const [secret] = (await listSecrets(ada, client.id, { all: false, limit: 9, after: null })).items
        expect(secret?.state).toBe("live")
        const { client_secret } = await revealSecret(ada, client.id, secret?.id ?? "", async () => undefined)
        const settings = kindOf(kind)?.secrets.map((path) => String(subject.settings[path] ?? "")) ?? []
        const known = [client_secret, ...settings, ...(subject.secrets?.() ?? [])].filter((one) => one.length >= 12)
        expect(known.length).toBeGreaterThan(0)
        for (const value of known) expect(JSON.stringify(lines)).not.toContain(telling(value))
        // A row that holds a word is found by this search: else it would prove nothing.
        expect(await tablesWith(client.name)).toContain("client")
        for (const value of known) expect(await tablesWith(telling(value))).toEqual([])
      } finally {
        vi.restoreAllMocks()
      }
    })

    test("a change by hand of each owned field is found as drift of that field, and reverted", async ({ skip }) => {
      const { behind } = subject
      if (!isPort(behind)) return skip(behind.cannot)
      const { r } = await pushed()
      const before = await standing(r)
      const hand = behind(memoryOf(r.providerId))
      for (const object of await seenOf(r))
        for (const [field, value] of Object.entries(subject.samples.other[object.kind])) {
          if (!(field in object.fields)) continue
          await hand.change(object.kind, object.key, field, value, object.remoteId)
          const found = (await driftOf(r)).find((one) => one.kind === object.kind && one.key === object.key)
          expect(found, `${object.kind}.${field}`).toMatchObject({
            fields: expect.arrayContaining([expect.objectContaining({ field })]) as unknown,
          })
        }
      for (const { id } of await listed(r)) await revertDrift(ada, id, null)
      const done = await applyAll(r)
      expect(done.status, JSON.stringify(done.changes.map(({ error }) => error))).toBe("applied")
      expect(await driftOf(r)).toEqual([])
      expect(await standing(r)).toEqual(before)
      expect((await planOf(r)).changes).toEqual([])
    })

    test("what stands there is adopted as it is: the first plan is empty, and nothing was written", async ({
      skip,
    }) => {
      const theirs = await foreign(skip)
      const { r } = theirs
      const before = await subject.counts()
      const { id, found } = await importProvider(ada, r.providerId, r.world)
      const keys = found.map(({ key }) => key).filter((key) => key.includes(r.tag))
      expect(keys.length).toBeGreaterThan(0)
      await adoptImport(ada, id, keys)
      expect(await planOf(r)).toMatchObject({ changes: [] })
      expect(await driftOf(r)).toEqual([])
      expect(await theirs.now()).toEqual(theirs.made)
      expect(await subject.counts()).toEqual(before)
    })

    /** Objects that an administrator made by hand, under the names of a provider of their own. */
    async function foreign(
      skip: (why: string) => never,
    ): Promise<{ r: Rig; made: readonly object[]; now(): Promise<readonly object[]> }> {
      const { behind } = subject
      if (!isPort(behind)) return skip(behind.cannot)
      const r = await connect(kind, subject)
      const hand = behind(memoryOf(r.providerId))
      for (const object of await shapedIn(r, subject)) await hand.create(object)
      return { r, made: await standing(r), now: () => standing(r) }
    }
  })
}

type Pushed = Sampled & { readonly r: Rig }

async function shapedIn({ providerId, tag }: Rig, { samples }: Subject): Promise<readonly DesiredObject[]> {
  const client = { ...samples.client, key: `${samples.client.key}-${tag}` }
  const audience = { ...samples.audience, key: `${samples.audience.key}/${tag}` }
  const grant = { ...samples.grant, key: grantKey(client.key, audience.key) }
  return (await openConnector(providerId)).shape(inOrder({ client, audience, grant })).objects
}

async function seenOf({ providerId, tag }: Rig): Promise<readonly RemoteObject[]> {
  const { write } = await openConnector(providerId)
  return isPort(write) ? (await write.observe()).filter(({ key }) => key.includes(tag)) : []
}

const remoteIds = async ({ providerId }: Rig) =>
  (await db().placement.findMany({ where: { providerId }, orderBy: [{ kind: "asc" }, { key: "asc" }] })).map(
    ({ kind, key, remoteId }) => [kind, key, remoteId],
  )

const listed = async ({ providerId }: Rig) =>
  (await listDrift(ada, providerId, { all: false, limit: 50, after: null })).items

/** Long after whatever was applied: just after an apply, what a provider shows late is no drift. */
async function driftOf(r: Rig) {
  const finishedAt = new Date(Date.now() - hourMs)
  await db().plan.updateMany({ where: { providerIds: { has: r.providerId }, status: "applied" }, data: { finishedAt } })
  await readProvider(r.providerId, r.world)
  return listed(r)
}

/** Everything of these names is there, and not one field of it is told. */
function masking(connector: Connector, tag: string): Connector {
  const { write } = connector
  if (!isPort(write)) return connector
  const mask = (one: RemoteObject): RemoteObject =>
    one.key.includes(tag) ? { ...one, fields: {}, unknown: Object.keys(one.fields) } : one
  return {
    ...connector,
    write: {
      ...write,
      observe: async () => (await write.observe()).map(mask),
      find: async (kind, key) => {
        const found = await write.find(kind, key)
        return found === null ? null : mask(found)
      },
    },
  }
}

/** Of a key in JSON the private number, of anything else the whole. */
function telling(value: string): string {
  if (!value.startsWith("{")) return value
  const key = JSON.parse(value) as { d?: unknown }
  return typeof key.d === "string" ? key.d : randomBytes(16).toString("hex")
}

/** The tables with a row that contains this text. */
async function tablesWith(text: string): Promise<string[]> {
  const tables = await db().$queryRaw<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`
  const hits = await db().$queryRaw<{ name: string }[]>`
    select name from unnest(${tables.map(({ name }) => name)}::text[]) as name
    where (xpath('count(//row)', query_to_xml(format('select 1 as hit from %I x where strpos(x::text, %L) > 0 limit 1', name, ${text}::text), false, false, '')))[1]::text <> '0'`
  return hits.map(({ name }) => name)
}
