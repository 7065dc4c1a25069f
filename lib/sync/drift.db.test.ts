/** What differs at the provider from what was applied, and what a person decides about it. */
import { describe, expect, test } from "vitest"
import { db } from "../db/client.ts"
import { adoptDrift, ignoreDrift, revertDrift } from "./drift-commands.ts"
import { readProvider } from "./read.ts"
import { ada, addAudience, apiOf, applyAll, filled, planOf, refusal, testServers } from "./rig.fixture.ts"
import { clientOf, driftOf } from "./seen.fixture.ts"

testServers()

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
