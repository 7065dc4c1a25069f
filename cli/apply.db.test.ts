import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { newId } from "../lib/base/id.ts"
import { db } from "../lib/db/client.ts"
import { startConsole, through } from "./console.fixture.ts"
import { empty, owned, payments, whole } from "./documents.fixture.ts"

let host: Awaited<ReturnType<typeof startConsole>>
beforeAll(async () => {
  host = await startConsole()
})
afterAll(() => host.stop())
const names = () => host.twin.state().applications.map(({ clientId }) => clientId)
const isApply = (path: string, method: string) => method === "POST" && path.endsWith("/apply")
const open = () => db().plan.count({ where: { status: { in: ["planned", "approved"] } } })

describe("grantry apply, where something comes between", () => {
  test("a grant that was shown exact and is widened in the plan is not what was shown: 1, and nobody confirms it", async () => {
    const { run } = host
    const widen = through((path, method, real) =>
      method === "POST" && path === "/plans"
        ? real().then(async (answer) => {
            const made = (await answer.json()) as { changes: object[] }
            const changes = made.changes.map((one) => ({ ...one, projection: { is: "widened", why: "All." } }))
            return Response.json({ ...made, changes }, { status: 201 })
          })
        : null,
    )
    const applied = await run("apply -f registry.yaml --yes --json", owned("billing"), { fetch: widen })
    expect([applied.code, JSON.parse(applied.out)]).toEqual([
      1,
      expect.objectContaining({ code: "plan_differs", plan_id: expect.any(String) as string }),
    ])
    expect(await open()).toBe(0)
  })

  test("a plan that Grantry refuses to start is set aside, and named: 1", async () => {
    const { run } = host
    const expired = through((path, method, real) =>
      isApply(path, method)
        ? db()
            .plan.updateMany({ data: { expiresAt: new Date(0) } })
            .then(real)
        : null,
    )
    const refused = await run("apply -f registry.yaml --yes --json", owned("sales"), { fetch: expired })
    const told = JSON.parse(refused.out) as { code: string; plan_id: string }
    expect([refused.code, told.code]).toEqual([1, "plan_expired"])
    expect(await db().plan.findUnique({ where: { id: told.plan_id } })).toMatchObject({ status: "discarded" })
  })

  test.each([
    ["the answer was lost on its way back", true],
    ["the request was lost on its way there", false],
  ])("an apply of which %s is followed to its end: 0", async (_, arrives) => {
    const { run } = host
    let lost = 0
    const losing = through((path, method, real) => {
      if (!isApply(path, method) || lost++ > 0) return null
      return (arrives ? real() : Promise.resolve()).then(() => Promise.reject(new TypeError("fetch failed")))
    })
    const applied = await run("apply -f registry.yaml --yes --json", owned(`lost-${arrives}`), { fetch: losing })
    expect([applied.code, JSON.parse(applied.out)]).toMatchObject([0, { plan: { status: "applied" } }])
    expect(await open()).toBe(0)
  })

  test("a plan that needs an approval waits with its address told: 1; the same command carries out that plan once approved: 0", async () => {
    const { run, api } = host
    await db().setting.create({ data: { key: "plan_rules", value: { approval: true } } })
    const first = await run("apply -f registry.yaml --yes --json", owned("approved"))
    const { code, message, plan_id } = JSON.parse(first.out) as Record<string, string>
    expect([first.code, code, message]).toEqual([1, "approval_needed", expect.stringContaining(`/plans/${plan_id}`)])
    const again = await run("apply -f registry.yaml --yes --json", owned("approved"))
    expect(JSON.parse(again.out)).toMatchObject({ code: "approval_needed", plan_id })
    expect((await api(`/plans/${plan_id}/approve`, { method: "POST" })).status).toBe(200)
    const later = { status: "discarded", kept: [], basis: {}, hash: "", createdBy: "Ada", expiresAt: new Date() }
    await db().plan.createMany({ data: Array.from({ length: 60 }, () => ({ id: newId(), ...later })) })
    const done = await run("apply -f registry.yaml --yes --json", owned("approved"))
    expect([done.code, JSON.parse(done.out)]).toMatchObject([0, { plan: { id: plan_id, status: "applied" } }])
    await db().setting.delete({ where: { key: "plan_rules" } })
  })

  test("more deletes than one run may hold are refused before anything is written: 2; with --beyond-limit 0", async () => {
    const { run, api } = host
    const many = whole.replace(
      "grants:",
      `${[1, 2, 3, 4, 5, 6].map((i) => `  - name: worker-${i}\n    owner: checkout\n    providers: [host]\n`).join("")}grants:`,
    )
    expect((await run("apply -f registry.yaml --yes", many)).code).toBe(0)
    const registry = async () => (await api("/registry")).text()
    const [before, plans] = [await registry(), await db().plan.count()]
    const gone = 'apply -f registry.yaml --yes --confirm "delete 6"'
    expect(await run(gone, whole)).toMatchObject({ code: 2, err: expect.stringContaining("--beyond-limit") as string })
    expect([await registry(), await db().plan.count()]).toEqual([before, plans])
    expect((await run(`${gone} --beyond-limit`, whole)).code).toBe(0)
    expect(names()).not.toContain("worker-1")
    expect((await run('apply -f registry.yaml --yes --confirm "delete 3"', empty)).code).toBe(0)
  })

  test("a registry that somebody changed after the look is not written over: 1", async () => {
    const { run, api } = host
    const ask = async () => {
      const put = await api("/registry", {
        method: "PUT",
        body: payments,
        headers: { "content-type": "application/yaml" },
      })
      expect(put.status).toBe(200)
      return "yes"
    }
    const { code, err } = await run("apply -f registry.yaml", whole, { ask })
    expect([code, err]).toEqual([1, expect.stringContaining("changed since it was looked at. Nothing was written")])
    expect(names()).not.toContain("orders")
  })

  test("a provider that somebody changed after the look is not applied to: 1", async () => {
    const { run, twin } = host
    expect((await run("apply -f registry.yaml --yes", whole)).code).toBe(0)
    const renamed = whole.replace("name: orders\n", "name: orders\n    display_name: Orders\n")
    const ask = () => {
      twin.administer((before) => ({
        ...before,
        applications: before.applications.map((one) =>
          one.clientId === "orders" ? { ...one, displayName: "By hand" } : one,
        ),
      }))
      return Promise.resolve("yes")
    }
    const { code, err } = await run("apply -f registry.yaml", renamed, { ask })
    expect([code, err]).toEqual([1, expect.stringContaining("not the one that was shown")])
    expect(await db().plan.count({ where: { status: "planned" } })).toBe(0)
  })
})
