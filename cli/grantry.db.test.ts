import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { rootToken } from "../app/api/edge.fixture.ts"
import * as registryPlan from "../app/api/v1/registry/plan/route.ts"
import { db } from "../lib/db/client.ts"
import { startConsole, through } from "./console.fixture.ts"
import { empty, payments, whole } from "./documents.fixture.ts"

let host: Awaited<ReturnType<typeof startConsole>>
beforeAll(async () => {
  host = await startConsole()
})
afterAll(() => host.stop())
const names = () => host.twin.state().applications.map(({ clientId }) => clientId)

describe("grantry", () => {
  test("plan says what a file would change, ends 1, and changes nothing anywhere", async () => {
    const { run, api } = host
    expect(await run("plan -f registry.yaml", empty)).toMatchObject({
      code: 0,
      out: expect.stringContaining("No changes."),
    })
    const [before, there] = [await (await api("/registry")).text(), names()]
    const { code, out } = await run("plan -f registry.yaml", whole)
    expect(code).toBe(1)
    expect(out).toContain("Registry\n  + create audience https://payments.example\n")
    expect(out).toContain("Provider host\n  + create audience https://payments.example\n")
    expect(out).toContain('  + create grant orders https://payments.example\n      scopes: ["payments:write"]\n')
    expect(out).toContain("3 changes in the registry, 3 changes on providers.")
    expect(await (await api("/registry")).text()).toBe(before)
    expect(names()).toEqual(there)
    expect(await db().plan.count()).toBe(0)
  })

  test("the API answers a preview in the shape that it is described with, and says how much one run may delete", async () => {
    const answer = await host.api("/registry/plan", {
      method: "POST",
      body: whole,
      headers: { "content-type": "application/yaml" },
    })
    const body: unknown = await answer.json()
    expect(registryPlan.POST.spec.response).toBeDefined()
    expect(registryPlan.POST.spec.response?.safeParse(body)).toEqual({ success: true, data: body })
    expect(body).toMatchObject({ deletes_limit: 5 })
  })

  test("apply does what plan said; then plan and apply end 0 and make no further plan", async () => {
    const { run } = host
    const applied = await run("apply -f registry.yaml --yes --json", whole)
    expect(applied.err).toContain("3 of 3")
    expect(applied.code).toBe(0)
    expect(JSON.parse(applied.out)).toMatchObject({ ending: "none", plan: { status: "applied" } })
    expect(names()).toContain("orders")
    const plans = await db().plan.count()
    expect((await run("plan -f registry.yaml", whole)).code).toBe(0)
    expect((await run("apply -f registry.yaml", whole)).code).toBe(0)
    expect(await db().plan.count()).toBe(plans)
  })

  test("what export writes, plan finds nothing to change in", async () => {
    const { run } = host
    const exported = await run("export")
    expect(exported.out).toContain("  - name: orders\n")
    expect((await run("plan -f registry.yaml", exported.out)).code).toBe(0)
    let written = ""
    const writeFile = async (_path: string, text: string) => void (written = text)
    expect((await run("export -o out.yaml", "", { writeFile })).code).toBe(0)
    expect(written).toBe(exported.out)
  })

  test("a delete needs its phrase, whatever --yes says: unasked 2, refused 1, typed or given 0", async () => {
    const { run } = host
    const unasked = await run("apply -f registry.yaml --yes", payments)
    expect(unasked).toMatchObject({ code: 2, err: expect.stringContaining('--confirm "delete 2"') })
    expect((await run('apply -f registry.yaml --yes --confirm "delete 1"', payments)).code).toBe(2)
    const questions: string[] = []
    const refuse = (question: string) => {
      questions.push(question)
      return Promise.resolve(question.includes("yes") ? "yes" : "y")
    }
    expect((await run("apply -f registry.yaml", payments, { ask: refuse })).code).toBe(1)
    expect(questions).toHaveLength(2)
    expect(names()).toContain("orders")
    const type = (question: string) => Promise.resolve(question.includes("Type delete 2") ? "delete 2" : "yes")
    expect((await run("apply -f registry.yaml", payments, { ask: type })).code).toBe(0)
    expect(names()).not.toContain("orders")
    expect(
      (await run('apply -f registry.yaml --yes --confirm "delete audience https://payments.example"', empty)).code,
    ).toBe(0)
  })

  test("an unusable file ends 2 and names the line of each fault", async () => {
    const { run } = host
    const { code, err } = await run(
      "plan -f registry.yaml",
      whole.replace("[payments:write]", "[payments:all]").replaceAll("[host]", "[nowhere]"),
    )
    expect([code, err]).toEqual([
      2,

      'registry.yaml:8: audiences.0.providers: There is no provider "nowhere".\nregistry.yaml:15: clients.0.providers: There is no provider "nowhere".\n',
    ])
    expect(await run("plan -f registry.yaml", whole.replace("[payments:write]", "[payments:all]"))).toMatchObject({
      code: 2,
      err: expect.stringContaining("registry.yaml:19: grants.0.scopes.0: https://payments.example has no scope"),
    })
    expect((await run("plan -f registry.yaml", "a: [")).code).toBe(2)
    expect(await run("plan -f registry.yaml --provider elsewhere", empty)).toMatchObject({
      code: 2,
      err: 'provider: There is no provider "elsewhere".\n',
    })
  })

  test.each([
    ["plan", {}, "required option"],
    ["plan -f nowhere.yaml", {}, "cannot be read"],
    ["frobnicate", {}, "unknown command"],
    ["plan -f registry.yaml", { GRANTRY_TOKEN: "" }, "GRANTRY_TOKEN"],
    ["plan -f registry.yaml", { GRANTRY_TOKEN: `gty_${"x".repeat(40)}` }, ""],
    ["plan -f registry.yaml --url http://grantry.example", {}, "in the clear"],
    ["plan -f registry.yaml --url ftp://grantry.example", {}, "no address"],
    ["apply -f registry.yaml --timeout soon", {}, "no number of seconds"],
  ])("%s with %j ends 2", async (args, env, told) => {
    const { base, run } = host
    const { code, err, out } = await run(args, empty, { env: { GRANTRY_URL: base, GRANTRY_TOKEN: rootToken, ...env } })
    expect([code, out]).toEqual([2, ""])
    expect(err).toContain(told)
    expect(err).not.toContain("x".repeat(20))
  })

  test("what comes from elsewhere moves no cursor in a message either", async () => {
    const evil = through(() =>
      Promise.resolve(Response.json({ code: "no", detail: "a\u001b[2Jb\u202e\nc" }, { status: 409 })),
    )
    expect(await host.run("plan -f registry.yaml", empty, { fetch: evil })).toMatchObject({
      code: 1,
      err: "a\ufffd[2Jb\ufffd\nc\n",
    })
  })

  test("export takes nothing but YAML for the registry: 3, and says which file cannot be written: 2", async () => {
    const { run } = host
    const login = through(() =>
      Promise.resolve(new Response("<html>Sign in</html>", { headers: { "content-type": "text/html" } })),
    )
    let written = false
    const writeFile = async () => void (written = true)
    expect(await run("export -o out.yaml", "", { fetch: login, writeFile })).toMatchObject({
      code: 3,
      err: expect.stringContaining("Is GRANTRY_URL right?") as string,
    })
    expect(written).toBe(false)
    expect(await run("export -o out.yaml")).toMatchObject({
      code: 2,
      err: "out.yaml cannot be written: nothing is written here\n",
    })
  })

  test("a provider that does not answer ends 3, and so does Grantry itself", async () => {
    const { run, twin } = host
    const down = await run("plan -f registry.yaml", whole, {
      env: { GRANTRY_URL: "http://127.0.0.1:9", GRANTRY_TOKEN: rootToken },
    })
    expect([down.code, down.err]).toEqual([3, expect.stringContaining("does not answer")])
    await twin.stop()
    const { code, out } = await run("plan -f registry.yaml --json", whole)
    expect([code, JSON.parse(out)]).toEqual([
      3,
      expect.objectContaining({ ending: "unreachable", code: "provider_unavailable" }),
    ])
  })
})
