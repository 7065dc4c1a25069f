import { randomBytes } from "node:crypto"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { useCrashHook } from "../base/crashpoint.ts"
import { db } from "../db/client.ts"
import { testDatabase, type TestDatabase } from "../db/testing.ts"
import { createProvider, requestRead, updateProvider } from "../providers/commands.ts"
import { deleteProvider } from "../providers/disconnect.ts"
import { closeBoss } from "../queue/boss.ts"
import { disableClient, saveClient } from "../registry/clients/commands.ts"
import { getClient } from "../registry/clients/queries.ts"
import { deleteGrant } from "../registry/grants/commands.ts"
import { revealSecret } from "../secrets/commands.ts"
import { listSecrets } from "../secrets/queries.ts"
import { useKey } from "../vault/key.ts"
import { runApplies } from "./apply.ts"
import { planAndApply } from "./at-once.ts"
import { approvePlan, discardPlan, renamePlan } from "./commands.ts"
import { createPlan } from "./create-plan.ts"
import { applyPlan, resumePlan } from "./start-apply.ts"
import { adoptDrift, ignoreDrift, revertDrift } from "./drift-commands.ts"
import { adoptImport, deleteImport, importProvider } from "./import.ts"
import { listDrift, loadPlan } from "./queries.ts"
import { protectPlacement, unmanage } from "./placements.ts"
import { readProvider } from "./read.ts"
import {
  ada,
  addAudience,
  addClient,
  addGrant,
  apiOf,
  applyAll,
  dieAt,
  fill,
  planOf,
  refusal,
  rig,
  type SimRig,
} from "./rig.fixture.ts"

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  useKey(randomBytes(32))
})
afterEach(() => useCrashHook(null))
afterAll(async () => {
  await closeBoss()
  await database.drop()
})

const yes = { confirm: [], beyond_limit: false }
const nothing = async () => {}
const clientOf = (r: SimRig) => db().client.findUniqueOrThrow({ where: { name: `${r.tag}-order` } })
const driftOf = async (r: SimRig) => (await listDrift(ada, r.providerId, { all: false, limit: 50, after: null })).items
const statusOf = async (id: string) => (await loadPlan(db(), id)).status

async function filled(): Promise<SimRig> {
  const r = await rig()
  await fill(r)
  expect((await applyAll(r)).status).toBe("applied")
  return r
}

const secretsOf = async (clientId: string) =>
  (await listSecrets(ada, clientId, { all: false, limit: 50, after: null })).items

describe("plan and apply", () => {
  test("a plan shows its changes in order, is applied, and the next one is empty", async () => {
    const r = await rig()
    await fill(r)
    const plan = await planOf(r)
    expect(plan).toMatchObject({
      status: "planned",
      kept: [],
      changes: [
        { verb: "create", kind: "audience" },
        { verb: "create", kind: "client" },
        { verb: "create", kind: "grant", projection: { is: "exact" } },
      ],
    })
    expect((await applyPlan(ada, plan.id, yes)).status).toBe("applying")
    await runApplies(r.world)
    const done = await loadPlan(db(), plan.id)
    expect([done.status, done.changes.map(({ status }) => status)]).toEqual(["applied", ["done", "done", "done"]])
    expect(await planOf(r)).toMatchObject({ status: "planned", changes: [], kept: [] })
  })

  test("deletes and widened grants ask for a yes that names them", async () => {
    const r = await filled()
    const grant = await db().grant.findFirstOrThrow({ where: { client: { name: `${r.tag}-order` } } })
    await deleteGrant(ada, grant.id, null)
    const plan = await planOf(r)
    const refused = await refusal(applyPlan(ada, plan.id, yes))
    expect([refused.status, refused.code, refused.evidence.changes]).toEqual([
      409,
      "confirmation_needed",
      [
        expect.objectContaining({ id: plan.changes.find(({ kind }) => kind === "grant")?.id, verb: "delete" }),
        expect.objectContaining({ verb: "delete", kind: "audience" }),
      ],
    ])
    expect(await statusOf(plan.id)).toBe("planned")
    await applyPlan(ada, plan.id, { ...yes, confirm: plan.changes.map(({ id }) => id) })
    await runApplies(r.world)
    expect(await statusOf(plan.id)).toBe("applied")
    r.sim.faults = { widened: new Set([`${r.tag}-order ${apiOf(r, "pay")}`]) }
    await addGrant(r, "order", "pay")
    const widened = await planOf(r)
    expect((await refusal(applyPlan(ada, widened.id, yes))).code).toBe("confirmation_needed")
    expect(widened.changes.find(({ kind }) => kind === "grant")).toMatchObject({
      projection: { is: "widened" },
      needs_confirmation: true,
    })
  })

  test("a provider that moved since the plan is not overwritten (T31)", async () => {
    const r = await filled()
    const client = await clientOf(r)
    await saveClient(ada, client.id, { owner: "new team" }, null)
    const plan = await planOf(r)
    r.sim.meddle("client", client.name, { owner: "somebody else" })
    await applyPlan(ada, plan.id, yes)
    await runApplies(r.world)
    const ended = await loadPlan(db(), plan.id)
    expect([ended.status, ended.changes[0]?.error]).toEqual(["stale", expect.objectContaining({ code: "stale" })])
    expect(r.sim.objects.get(`client ${client.name}`)?.fields.owner).toBe("somebody else")
    expect((await refusal(applyPlan(ada, plan.id, yes))).code).toBe("plan_stale")
  })

  test("what failed has its own result, what hangs on it is skipped, and resume finishes", async () => {
    const r = await rig()
    await fill(r)
    const plan = await planOf(r)
    r.sim.meddle("client", `${r.tag}-order`, { owner: "squatter" })
    await applyPlan(ada, plan.id, yes)
    await runApplies(r.world)
    const part = await loadPlan(db(), plan.id)
    expect([part.status, part.changes.map(({ status }) => status)]).toEqual([
      "partially_applied",
      ["done", "failed", "skipped"],
    ])
    r.sim.meddle("client", `${r.tag}-order`, null)
    expect((await resumePlan(ada, plan.id)).status).toBe("applying")
    await runApplies(r.world)
    expect(await statusOf(plan.id)).toBe("applied")
  })

  test("one apply per provider at a time: the second waits and then runs", async () => {
    const r = await rig()
    await fill(r)
    const first = await planOf(r)
    await addAudience(r, "late")
    await addClient(r, "late")
    await addGrant(r, "late", "late")
    const second = await planOf(r)
    await applyPlan(ada, first.id, yes)
    const hold = dieAt(3)
    const running = runApplies(r.world)
    await hold.died
    useCrashHook(null)
    await applyPlan(ada, second.id, yes)
    const calls = r.sim.calls.length
    await runApplies(r.world)
    expect([r.sim.calls.length, await statusOf(first.id), await statusOf(second.id)]).toEqual([
      calls,
      "applying",
      "applying",
    ])
    hold.haunt()
    await running
    await runApplies(r.world)
    expect(await statusOf(first.id)).toBe("applied")
    // The second was planned before the first ran: what the first made is not made again.
    expect(await statusOf(second.id)).toBe("partially_applied")
    expect([...r.sim.made.values()].every((times) => times === 1)).toBe(true)
  })

  test("only a plan that waits can be approved, discarded or applied; an old or altered one is refused", async () => {
    const r = await rig()
    await addAudience(r, "solo")
    await addClient(r, "solo")
    const plan = await planOf(r)
    expect((await approvePlan(ada, plan.id)).status).toBe("approved")
    expect((await discardPlan(ada, plan.id)).status).toBe("discarded")
    expect((await refusal(applyPlan(ada, plan.id, yes))).code).toBe("plan_discarded")
    const old = await planOf(r)
    await db().plan.update({ where: { id: old.id }, data: { expiresAt: new Date(0) } })
    expect((await refusal(applyPlan(ada, old.id, yes))).code).toBe("plan_expired")
    const altered = await planOf(r)
    await db().planChange.updateMany({ where: { planId: altered.id }, data: { fields: [] } })
    expect((await refusal(applyPlan(ada, altered.id, yes))).code).toBe("plan_altered")
  })

  test("many deletes stop at the limit, even when each was confirmed (T30), and want a fresh sign-in (T14)", async () => {
    const deleting = async (r: SimRig, from: number, to: number) => {
      const names = Array.from({ length: to - from }, (_, i) => `${r.tag}-c${from + i}`)
      await db().client.deleteMany({ where: { name: { in: names } } })
      const plan = await planOf(r)
      return { plan, confirm: plan.changes.map(({ id }) => id) }
    }
    const r = await rig()
    for (let i = 0; i < 12; i++) await addClient(r, `c${i}`)
    await applyAll(r)
    const five = await deleting(r, 0, 5)
    expect(five.plan.deletes_limit).toBe(5)
    const stale = { ...ada, authenticatedAt: new Date(Date.now() - 6 * 60_000) }
    const body = { confirm: five.confirm, beyond_limit: false }
    expect((await refusal(applyPlan(stale, five.plan.id, body))).code).toBe("step_up_needed")
    await applyPlan(ada, five.plan.id, { confirm: five.confirm, beyond_limit: false })
    await runApplies(r.world)
    expect([await statusOf(five.plan.id), r.sim.objects.size]).toEqual(["applied", 7])
    const six = await deleting(r, 5, 11)
    const refused = await refusal(applyPlan(ada, six.plan.id, { confirm: six.confirm, beyond_limit: false }))
    expect([refused.code, refused.evidence]).toEqual(["blast_radius", { deletes: 6, limit: 5 }])
    expect(await statusOf(six.plan.id)).toBe("planned")
    await applyPlan(ada, six.plan.id, { confirm: six.confirm, beyond_limit: true })
    await runApplies(r.world)
    expect(r.sim.objects.size).toBe(1)
  })

  test("a row that was damaged is refused by its column, and nothing is applied from it", async () => {
    const r = await filled()
    const client = await clientOf(r)
    await saveClient(ada, client.id, { owner: "new team" }, null)
    const plan = await planOf(r)
    await applyPlan(ada, plan.id, yes)
    await db().placement.updateMany({ where: { providerId: r.providerId, kind: "client" }, data: { applied: "gone" } })
    expect((await refusal(planOf(r))).evidence).toMatchObject({ column: "placement.applied" })
    await db().planChange.updateMany({ where: { planId: plan.id }, data: { fields: [{ field: "owner" }] } })
    expect((await refusal(loadPlan(db(), plan.id))).code).toBe("stored_data_unreadable")
    await runApplies(r.world)
    expect(r.sim.objects.get(`client ${client.name}`)?.fields.owner).toBe("team")
    const ended = await db().plan.update({ where: { id: plan.id, status: "applying" }, data: { status: "discarded" } })
    expect(ended.id).toBe(plan.id)
  })

  test("disable now plans and applies only that client", async () => {
    const r = await filled()
    await addClient(r, "other")
    const client = await clientOf(r)
    await disableClient(ada, client.id)
    const plan = await planAndApply(ada, [r.providerId], "Disable", {
      only: ({ key }) => key === client.name,
      world: r.world,
    })
    expect([plan.status, plan.changes.map(({ verb, key }) => [verb, key])]).toEqual([
      "applying",
      [["disable", client.name]],
    ])
    await runApplies(r.world)
    expect(r.sim.objects.get(`client ${client.name}`)?.fields.enabled).toBe(false)
    expect(r.sim.objects.has(`client ${r.tag}-other`)).toBe(false)
  })
})

describe("first secret", () => {
  test("apply makes it, a canary makes it live, and it is revealed once", async () => {
    const r = await filled()
    const client = await clientOf(r)
    const [secret] = await secretsOf(client.id)
    // One token made the secret live, one showed the plan's outcome.
    expect([secret?.state, secret?.provider_id, r.sim.tokens]).toEqual(["live", r.providerId, 2])
    const both = await Promise.allSettled([
      revealSecret(ada, client.id, secret?.id ?? "", nothing, r.world.open),
      revealSecret(ada, client.id, secret?.id ?? "", nothing, r.world.open),
    ])
    const shown = both.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))
    expect(shown).toMatchObject([
      { client_id: client.name, fingerprint: secret?.fingerprint, token_endpoint: `${r.sim.issuer}/token` },
    ])
    expect(r.sim.secrets.get(client.name)?.[0]?.value).toBe(shown[0]?.client_secret)
    expect((await refusal(revealSecret(ada, client.id, secret?.id ?? "", nothing, r.world.open))).status).toBe(410)
    expect((await db().clientSecret.findUniqueOrThrow({ where: { id: secret?.id ?? "" } })).sealed).toBeNull()
  })

  test("without a grant it stays pending, can be revealed, and goes live with the first grant", async () => {
    const r = await rig()
    await addClient(r, "order")
    await applyAll(r)
    const client = await clientOf(r)
    const [pending] = await secretsOf(client.id)
    expect(pending).toMatchObject({ state: "pending", revealable: true, error: null })
    await revealSecret(ada, client.id, pending?.id ?? "", nothing, r.world.open)
    await addAudience(r, "pay")
    await addGrant(r, "order", "pay")
    await applyAll(r)
    expect((await secretsOf(client.id)).map(({ id, state }) => [id, state])).toEqual([[pending?.id, "live"]])
    expect((await db().clientSecret.findUniqueOrThrow({ where: { id: pending?.id ?? "" } })).sealed).toBeNull()
  })
})

describe("drift", () => {
  test("revert marks, the next plan holds it, and after the apply it is gone", async () => {
    const r = await filled()
    const { name } = await clientOf(r)
    r.sim.meddle("client", name, { owner: "intruder" })
    await readProvider(r.providerId, r.world)
    const [item] = await driftOf(r)
    expect(item).toMatchObject({
      kind: "client",
      key: name,
      fields: [{ field: "owner", applied: "team", found: "intruder" }],
      actor: null,
      status: "open",
    })
    expect(await planOf(r)).toMatchObject({ changes: [], kept: [{ kind: "client", key: name, code: "drift" }] })
    expect((await driftOf(r))[0]?.id).toBe(item?.id)
    expect((await revertDrift(ada, item?.id ?? "", null)).status).toBe("reverting")
    expect(r.sim.objects.get(`client ${name}`)?.fields.owner).toBe("intruder")
    expect((await applyAll(r)).changes).toMatchObject([
      { verb: "update", fields: [{ field: "owner", from: "intruder", to: "team" }] },
    ])
    expect([r.sim.objects.get(`client ${name}`)?.fields.owner, await driftOf(r)]).toEqual(["team", []])
  })

  test("adopt takes the found value into the registry: no drift, nothing to plan", async () => {
    const r = await filled()
    const { id, name } = await clientOf(r)
    r.sim.meddle("client", name, { display_name: "Renamed there" })
    r.sim.meddle("grant", `${name} ${apiOf(r, "pay")}`, { scopes: ["read", "write"] })
    await readProvider(r.providerId, r.world)
    for (const item of await driftOf(r)) await adoptDrift(ada, item.id, "they know better")
    expect((await db().client.findUniqueOrThrow({ where: { id } })).displayName).toBe("Renamed there")
    expect(await db().grantScope.count({ where: { grant: { clientId: id } } })).toBe(2)
    expect(await planOf(r)).toMatchObject({ changes: [], kept: [] })
    expect(await driftOf(r)).toEqual([])
  })

  test("what was deleted there comes back with its grants, or leaves the registry", async () => {
    const r = await filled()
    const { name } = await clientOf(r)
    r.sim.meddle("grant", `${name} ${apiOf(r, "pay")}`, null)
    r.sim.meddle("client", name, null)
    await readProvider(r.providerId, r.world)
    const gone = (await driftOf(r)).find(({ kind }) => kind === "client")
    await revertDrift(ada, gone?.id ?? "", null)
    expect((await applyAll(r)).changes.map(({ verb, kind }) => [verb, kind])).toEqual([
      ["create", "client"],
      ["create", "grant"],
    ])
    r.sim.meddle("grant", `${name} ${apiOf(r, "pay")}`, null)
    await readProvider(r.providerId, r.world)
    await adoptDrift(ada, (await driftOf(r))[0]?.id ?? "", null)
    expect(await db().grant.count({ where: { client: { name } } })).toBe(0)
  })

  test("ignored drift is out of sight until its date, and until it changes", async () => {
    const r = await filled()
    const { name } = await clientOf(r)
    r.sim.meddle("client", name, { owner: "x" })
    await readProvider(r.providerId, r.world)
    const id = (await driftOf(r))[0]?.id ?? ""
    await ignoreDrift(ada, id, new Date(Date.now() + 60_000), "known")
    await readProvider(r.providerId, r.world)
    expect(await driftOf(r)).toEqual([])
    expect((await planOf(r)).kept).toMatchObject([{ code: "ignored" }])
    r.sim.meddle("client", name, { owner: "y" })
    await readProvider(r.providerId, r.world)
    expect(await driftOf(r)).toMatchObject([{ id, status: "open" }])
  })

  test("a grant that somebody gave our client is drift: adopted into the registry, never deleted by us", async () => {
    const r = await filled()
    const { name } = await clientOf(r)
    await addAudience(r, "extra")
    r.sim.meddle("audience", apiOf(r, "extra"), { name: "extra", scopes: [{ name: "read" }, { name: "write" }] })
    r.sim.meddle("grant", `${name} ${apiOf(r, "extra")}`, { scopes: ["write"] })
    await readProvider(r.providerId, r.world)
    const [item] = await driftOf(r)
    expect(item).toMatchObject({
      kind: "grant",
      fields: [
        { field: "present", applied: false, found: true },
        { field: "scopes", found: ["write"] },
      ],
    })
    expect((await refusal(revertDrift(ada, item?.id ?? "", null))).code).toBe("not_ours")
    await adoptDrift(ada, item?.id ?? "", null)
    expect((await planOf(r)).changes.filter(({ kind }) => kind === "grant")).toEqual([])
  })
})

describe("import", () => {
  test("what exists is adopted as it is, and the first plan after it is empty", async () => {
    const r = await rig()
    const [name, api] = [`${r.tag}-legacy`, apiOf(r, "old")]
    r.sim.meddle("audience", api, {
      name: "",
      scopes: [{ name: "b", description: "" }, { name: "a" }],
      token_ttl_seconds: 30,
      token_format: "opaque",
      signing_alg: "ES256",
    })
    r.sim.meddle("client", name, {
      display_name: "Legacy",
      owner: "",
      auth_method: "client_secret_post",
      jwks: null,
      enabled: true,
    })
    r.sim.meddle("grant", `${name} ${api}`, { scopes: ["b", "a"] })
    const before = structuredClone([...r.sim.objects.values()])
    const found = await importProvider(ada, r.providerId, r.world)
    expect(found.found).toEqual(
      expect.arrayContaining([
        {
          kind: "client",
          key: name,
          remote_id: expect.any(String),
          grants: [{ client: name, audience: api, scopes: ["b", "a"] }],
        },
      ]),
    )
    expect((await refusal(adoptImport(ada, found.id, ["no-such"]))).status).toBe(422)
    expect((await adoptImport(ada, found.id, [name])).newly_adopted).toEqual([
      `audience ${api}`,
      `client ${name}`,
      `grant ${name} ${api}`,
    ])
    expect((await adoptImport(ada, found.id, [name])).newly_adopted).toEqual([])
    expect(await planOf(r)).toMatchObject({ changes: [], kept: [] })
    expect([...r.sim.objects.values()]).toEqual(before)
    await db().grant.deleteMany({ where: { client: { name } } })
    await db().client.delete({ where: { name } })
    expect((await planOf(r)).kept).toMatchObject([{ code: "adopted" }, { code: "adopted" }])
  })

  test("an audience that stands there unmanaged is found though the registry grants one of its name", async () => {
    const r = await rig()
    await fill(r)
    const api = apiOf(r, "pay")
    r.sim.meddle("audience", api, {
      name: "pay",
      scopes: ["read", "write"].map((name) => ({ name, description: "" })),
      token_ttl_seconds: 900,
      token_format: "jwt",
      signing_alg: "RS256",
    })
    expect((await planOf(r)).kept).toContainEqual(expect.objectContaining({ key: api, code: "not_ours" }))
    const { id, found } = await importProvider(ada, r.providerId, r.world)
    expect(found.map(({ kind, key }) => [kind, key])).toEqual([["audience", api]])
    const after = await adoptImport(ada, id, [api])
    expect([after.newly_adopted, after.found]).toEqual([[`audience ${api}`], []])
    expect((await planOf(r)).changes.map(({ verb, kind }) => `${verb} ${kind}`)).toEqual([
      "create client",
      "create grant",
    ])
  })

  test("what the registry knows already gets the provider as a change of its own: a new version and a trail entry", async () => {
    const r = await rig()
    const other = await rig()
    const client = await addClient(other, "shared")
    r.sim.meddle("client", client.name, {
      display_name: "",
      owner: "",
      auth_method: "client_secret_post",
      jwks: null,
      enabled: true,
    })
    const found = await importProvider(ada, r.providerId, r.world)
    await adoptImport(ada, found.id, [client.name])
    const after = await getClient(ada, client.id)
    expect([after.version, ...after.provider_ids]).toEqual([2, ...[other.providerId, r.providerId].sort()])
    expect(await db().trailEntry.count({ where: { action: "client.update", targetId: client.id } })).toBe(1)
  })
})

describe("no change without its trail entry (F26)", () => {
  test("when the trail refuses, every command of this room leaves everything as it was", async () => {
    const r = await filled()
    const { id: clientId, name } = await clientOf(r)
    r.sim.meddle("client", name, { owner: "intruder" })
    r.sim.meddle("client", `${r.tag}-foreign`, {
      display_name: "F",
      owner: "f",
      auth_method: "client_secret_basic",
      enabled: true,
    })
    await readProvider(r.providerId, r.world)
    const drift = (await driftOf(r))[0]?.id ?? ""
    await addAudience(r, "more")
    await addClient(r, "more")
    const [open, failed] = [await planOf(r), await planOf(r)]
    await db().plan.update({ where: { id: failed.id }, data: { status: "failed" } })
    const found = await importProvider(ada, r.providerId, r.world)
    const secret = (await secretsOf(clientId))[0]?.id ?? ""
    const placed = await db().placement.findFirstOrThrow({ where: { providerId: r.providerId, key: name } })
    const settings = { issuer: "http://127.0.0.1:1", admin_token: "t" }
    const other = await createProvider(ada, { kind: "local", name: `${r.tag}-other`, environment: "test", settings })
    const commands: Record<string, () => Promise<unknown>> = {
      createPlan: () => createPlan(ada, { provider_ids: [r.providerId] }, r.world),
      renamePlan: () => renamePlan(ada, open.id, "x", null),
      approvePlan: () => approvePlan(ada, open.id),
      discardPlan: () => discardPlan(ada, open.id),
      applyPlan: () => applyPlan(ada, open.id, yes),
      resumePlan: () => resumePlan(ada, failed.id),
      revertDrift: () => revertDrift(ada, drift, null),
      ignoreDrift: () => ignoreDrift(ada, drift, new Date(Date.now() + 1e6), null),
      adoptDrift: () => adoptDrift(ada, drift, null),
      importProvider: () => importProvider(ada, r.providerId, r.world),
      adoptImport: () => adoptImport(ada, found.id, [`${r.tag}-foreign`]),
      deleteImport: () => deleteImport(ada, found.id),
      protectPlacement: () => protectPlacement(ada, placed.id, { protected: true }),
      unmanage: () => unmanage(ada, placed.id, null),
      revealSecret: () => revealSecret(ada, clientId, secret, nothing, r.world.open),
      createProvider: () => createProvider(ada, { kind: "local", name: `${r.tag}-new`, environment: "test", settings }),
      updateProvider: () => updateProvider(ada, other.id, { name: "renamed" }, null),
      deleteProvider: () => deleteProvider(ada, other.id, null),
      requestRead: () => requestRead(ada, other.id),
    }
    const tables = [
      "plan",
      "plan_change",
      "drift_item",
      "import",
      "placement",
      "client",
      "client_provider",
      "audience",
      "audience_grant",
      "client_secret",
    ]
    const snapshot = async () => {
      const all: unknown[] = [
        await db().$queryRaw`select id, name, version, settings, read_requested_at from provider order by id`,
      ]
      for (const table of tables)
        all.push(
          await db().$queryRawUnsafe(`select md5(string_agg(t::text, '|' order by t::text)) as md5 from ${table} t`),
        )
      return JSON.stringify(all)
    }
    await db().$executeRawUnsafe(
      "create function no_trail() returns trigger language plpgsql as $$ begin raise exception 'the trail is closed'; end $$",
    )
    await db().$executeRawUnsafe(
      "create trigger no_trail before insert on trail_entry for each row execute function no_trail()",
    )
    try {
      const before = await snapshot()
      for (const [label, run] of Object.entries(commands)) {
        await expect(run(), label).rejects.toThrow(/trail is closed/)
        expect(await snapshot(), label).toBe(before)
      }
    } finally {
      await db().$executeRawUnsafe("drop trigger no_trail on trail_entry")
    }
    for (const [label, run] of Object.entries({
      revertDrift: commands.revertDrift,
      revealSecret: commands.revealSecret,
      deleteProvider: commands.deleteProvider,
    })) {
      await expect(run?.(), `${label} works again`).resolves.not.toThrow()
    }
  })
})
