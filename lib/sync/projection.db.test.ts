import { expect, test } from "vitest"
import { db } from "../db/client.ts"
import { saveClient } from "../registry/clients/commands.ts"
import { deleteGrant } from "../registry/grants/commands.ts"
import { clientPatch } from "../registry/schema.ts"
import { runApplies } from "./apply.ts"
import { splitGrantKey } from "../connectors/objects.ts"
import { stopClient } from "./at-once.ts"
import { createPlan } from "./create-plan.ts"
import { adoptImport, importProvider } from "./import.ts"
import { loadPlan } from "./queries.ts"
import {
  ada,
  addAudience,
  addClient,
  addGrant,
  apiOf,
  fill,
  planOf,
  refusal,
  rig,
  worldOf,
  testServers,
  type Rig,
} from "./rig.fixture.ts"
import { applyPlan } from "./start-apply.ts"

testServers()

const grantOf = (r: Rig, client: string, audience: string) => `${r.tag}-${client} ${apiOf(r, audience)}`

test("one plan over three providers: each as it can hold it, one report each, one apply; a second plan is empty", async () => {
  const rigs = [await rig(1), await rig(2), await rig(3)] as const
  const [exact, flat, poor] = rigs
  const world = worldOf(rigs)
  await addAudience(exact, "pay")
  const providerIds = rigs.map(({ providerId }) => providerId)
  const one = await addClient(exact, "one", { provider_ids: providerIds })
  await addGrant(exact, "one", "pay")
  // One holds no audiences and no names of owners, one cannot hold the grant.
  flat.sim.holdsAudiences = false
  flat.sim.faults = { widened: new Set([grantOf(exact, "one", "pay")]) }
  flat.sim.shape = (desired) => ({
    objects: desired
      .filter(({ kind }) => kind !== "audience")
      .map(({ fields, ...object }) => ({
        ...object,
        fields: Object.fromEntries(Object.entries(fields).filter(([field]) => field !== "owner")),
      })),
    notes: [{ kind: "client", key: one.name, why: "It knows no owner." }],
  })
  poor.sim.faults = { unsupported: new Set([grantOf(exact, "one", "pay")]) }
  const plan = await createPlan(ada, { provider_ids: providerIds }, world)
  const of = (r: Rig) => plan.changes.filter((change) => change.provider_id === r.providerId).map(({ kind }) => kind)
  expect([of(exact), of(flat), of(poor)]).toEqual([
    ["audience", "client", "grant"],
    ["client", "grant"],
    ["audience", "client"],
  ])
  expect(
    plan.projection.map(({ exact: e, widened, unsupported, items }) => [
      e,
      widened,
      unsupported,
      items.map(({ why }) => why),
    ]),
  ).toEqual([
    [1, 0, 0, []],
    [0, 1, 0, ["it also allows more"]],
    [0, 0, 1, ["there is no such thing here"]],
  ])
  expect(plan.kept.map(({ code, provider_id }) => [code, provider_id])).toEqual([
    ["adjusted", flat.providerId],
    ["unsupported", poor.providerId],
  ])
  const unconfirmed = await refusal(applyPlan(ada, plan.id, { confirm: [], beyond_limit: false }))
  expect([unconfirmed.status, unconfirmed.code]).toEqual([409, "confirmation_needed"])
  await applyPlan(ada, plan.id, { confirm: plan.changes.map(({ id }) => id), beyond_limit: false })
  await runApplies(world)
  expect((await loadPlan(db(), plan.id)).status).toBe("applied")
  expect([...rigs].map(({ sim }) => [...sim.objects.values()].map(({ kind }) => kind))).toEqual([
    of(exact),
    of(flat),
    of(poor),
  ])
  expect("owner" in (flat.sim.objects.get(`client ${one.name}`)?.fields ?? {})).toBe(false)
  expect((await createPlan(ada, { provider_ids: providerIds }, world)).changes).toEqual([])
})

test("what a provider rounds is no drift and no change for ever after", async () => {
  const r = await rig(4)
  r.sim.shape = (desired) => ({
    objects: desired.map((object) =>
      object.kind === "client" ? { ...object, fields: { ...object.fields, display_name: "SHORT" } } : object,
    ),
    notes: [],
  })
  await fill(r)
  const first = await planOf(r)
  await applyPlan(ada, first.id, { confirm: [], beyond_limit: false })
  await runApplies(r.world)
  expect(r.sim.objects.get(`client ${r.tag}-order`)?.fields.display_name).toBe("SHORT")
  expect((await planOf(r)).changes).toEqual([])
  expect(await db().driftItem.count({ where: { providerId: r.providerId } })).toBe(0)
  const { id } = await db().client.findUniqueOrThrow({ where: { name: `${r.tag}-order` } })
  await saveClient(ada, id, clientPatch.parse({ display_name: "Another name" }), null)
  expect((await planOf(r)).changes).toEqual([])
})

test("from a provider that holds no audiences they are proposed by its grants; what is adopted needs no plan and no write", async () => {
  const r = await rig(5)
  r.sim.holdsAudiences = false
  r.sim.shape = (desired) => ({ objects: desired.filter(({ kind }) => kind !== "audience"), notes: [] })
  const [svc, other, api] = [`${r.tag}-svc`, `${r.tag}-other`, apiOf(r, "pay")]
  for (const name of [svc, other])
    r.sim.meddle("client", name, {
      display_name: name,
      owner: "team",
      auth_method: "client_secret_basic",
      jwks: null,
      enabled: true,
    })
  r.sim.meddle("grant", `${svc} ${api}`, { scopes: ["read", "write"] })
  r.sim.meddle("grant", `${other} ${api}`, { scopes: ["admin"] })
  const found = await importProvider(ada, r.providerId, r.world)
  expect(found.found.map(({ kind, key, remote_id, grants }) => [kind, key, remote_id === null, grants.length])).toEqual(
    [
      ["audience", api, true, 2],
      ["client", svc, false, 1],
      ["client", other, false, 1],
    ],
  )
  r.sim.calls.length = 0
  const { newly_adopted, found: left } = await adoptImport(ada, found.id, [svc])
  expect(newly_adopted).toEqual([`audience ${api}`, `client ${svc}`, `grant ${svc} ${api}`])
  expect(left.map(({ key }) => key)).toEqual([other])
  const audience = await db().audience.findUniqueOrThrow({ where: { identifier: api }, include: { scopes: true } })
  expect(audience.scopes.map(({ name }) => name).toSorted()).toEqual(["admin", "read", "write"])
  expect(await db().placement.count({ where: { providerId: r.providerId, kind: "audience" } })).toBe(0)
  const plan = await planOf(r)
  expect([plan.changes, plan.kept.map(({ kind, key, code }) => [kind, key, code])]).toEqual([
    [],
    [
      ["client", other, "not_ours"],
      ["grant", `${other} ${api}`, "not_ours"],
    ],
  ])
  await adoptImport(ada, found.id, [other])
  expect(await planOf(r)).toMatchObject({ changes: [], kept: [] })
  expect(r.sim.calls.filter((call) => call !== "observe")).toEqual([])
})

test("the kill switch works where there is no switch: the registration goes with its grants, and nothing else with it", async () => {
  const r = await rig(6)
  r.sim.shape = (desired) => {
    const off = new Set(
      desired.flatMap(({ kind, key, fields }) => (kind === "client" && fields.enabled === false ? [key] : [])),
    )
    const client = ({ kind, key }: (typeof desired)[number]) => (kind === "grant" ? splitGrantKey(key).client : key)
    return { objects: desired.filter((object) => !off.has(client(object))), notes: [] }
  }
  await fill(r)
  await addClient(r, "other")
  await addGrant(r, "other", "pay")
  const first = await planOf(r)
  await applyPlan(ada, first.id, { confirm: [], beyond_limit: false })
  await runApplies(r.world)
  const { id } = await db().client.findUniqueOrThrow({ where: { name: `${r.tag}-order` } })
  const { plan } = await stopClient(ada, id, r.world)
  expect(plan.changes.map(({ verb, kind, key }) => [verb, kind, key.split(" ")[0]])).toEqual([
    ["delete", "grant", `${r.tag}-order`],
    ["delete", "client", `${r.tag}-order`],
  ])
  await runApplies(r.world)
  expect((await loadPlan(db(), plan.id)).status).toBe("applied")
  expect([...r.sim.objects.values()].map(({ key }) => key.split(" ")[0])).toEqual([
    apiOf(r, "pay"),
    `${r.tag}-other`,
    `${r.tag}-other`,
  ])
})

test("where there is a switch, the kill switch turns that off and leaves what else is pending to a plan of its own", async () => {
  const r = await rig(7)
  await fill(r)
  const first = await planOf(r)
  await applyPlan(ada, first.id, { confirm: [], beyond_limit: false })
  await runApplies(r.world)
  const client = await db().client.findUniqueOrThrow({ where: { name: `${r.tag}-order` }, include: { grants: true } })
  await deleteGrant(ada, client.grants[0]?.id ?? "", null)
  const { plan } = await stopClient({ ...ada, authenticatedAt: new Date(0) }, client.id, r.world)
  expect(plan.changes.map(({ verb, kind }) => [verb, kind])).toEqual([["disable", "client"]])
})
