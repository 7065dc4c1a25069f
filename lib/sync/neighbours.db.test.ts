import { expect, test } from "vitest"
import { db } from "../db/client.ts"
import { tryableGrant } from "../secrets/verify.ts"
import { adoptDrift } from "./drift-commands.ts"
import { unmanage } from "./placements.ts"
import { readProvider } from "./read.ts"
import { addAudience, addClient, addGrant, ada, apiOf, applyAll, rig, testServers, type SimRig } from "./rig.fixture.ts"

testServers()

const placed = async ({ providerId, tag }: SimRig) =>
  (await db().placement.findMany({ where: { providerId, kind: { not: "audience" } } }))
    .map(({ kind, key }) => `${kind} ${key.slice(tag.length + 1).split(" ")[0] ?? ""}`)
    .sort()

/** pay_a has no grant; pay-a, payxa and pay.a, which LIKE takes for it, have one each. */
async function neighbours(): Promise<SimRig> {
  const r = await rig()
  await addAudience(r, "api")
  for (const name of ["pay_a", "pay-a", "payxa", "pay.a"]) await addClient(r, name)
  for (const name of ["pay-a", "payxa", "pay.a"]) await addGrant(r, name, "api")
  return r
}
const others = ["client pay-a", "client pay.a", "client payxa", "grant pay-a", "grant pay.a", "grant payxa"]

test("a client's token is asked for by a grant of its own, not by that of a name that is nearly the same", async () => {
  const r = await neighbours()
  const { outcome } = await applyAll(r)
  expect(outcome.find(({ client }) => client === `${r.tag}-pay_a`)).toMatchObject({
    is: "not_tried",
    why: "It has no grant there, so no token can be asked for.",
  })
  expect(await tryableGrant(`${r.tag}-pay_a`, r.providerId)).toMatchObject({ why: expect.stringContaining("no grant") })
  await addGrant(r, "pay_a", "api")
  await applyAll(r)
  expect(await tryableGrant(`${r.tag}-pay_a`, r.providerId)).toMatchObject({ audience: apiOf(r, "api") })
})

test("forgetting a client, by hand or because it was deleted there, forgets no other client's grants", async () => {
  const r = await neighbours()
  await applyAll(r)
  const client = { providerId: r.providerId, kind: "client", key: `${r.tag}-pay_a` }
  const { left } = await unmanage(ada, (await db().placement.findFirstOrThrow({ where: client })).id, null)
  expect(left.map(({ key }) => key)).toEqual([client.key])
  expect(await placed(r)).toEqual(others)

  const second = await neighbours()
  await applyAll(second)
  second.sim.meddle("client", `${second.tag}-pay_a`, null)
  await readProvider(second.providerId, second.world)
  const gone = await db().driftItem.findFirstOrThrow({ where: { providerId: second.providerId } })
  await adoptDrift(ada, gone.id, null)
  expect(await placed(second)).toEqual(others)
})
