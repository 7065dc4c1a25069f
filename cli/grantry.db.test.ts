import { execFile, spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { parse } from "yaml"
import { rootToken } from "../app/api/edge.fixture.ts"
import * as registryPlan from "../app/api/v1/registry/plan/route.ts"
import { db } from "../lib/db/client.ts"
import { startConsole } from "./console.fixture.ts"

let host: Awaited<ReturnType<typeof startConsole>>
beforeAll(async () => {
  host = await startConsole()
})
afterAll(() => host.stop())

const empty = "version: 1\n"
const payments = `version: 1
audiences:
  - identifier: https://payments.example
    name: Payments
    token_ttl_seconds: 300
    token_format: jwt
    signing_alg: RS256
    providers: [host]
    scopes:
      - name: payments:write
        description: Charge
`
const whole = `${payments}clients:
  - name: orders
    owner: checkout
    providers: [host]
grants:
  - client: orders
    audience: https://payments.example
    scopes: [payments:write]
    reason: Orders are paid
`
const names = () => host.twin.state().applications.map(({ clientId }) => clientId)

test("the registry over the API: YAML or JSON by what is accepted, under one ETag; a stale one writes nothing", async () => {
  const { api } = host
  const read = async (path: string, accept?: string) => {
    const answer = await api(path, accept === undefined ? {} : { headers: { accept } })
    return {
      type: answer.headers.get("content-type"),
      etag: answer.headers.get("etag") ?? "",
      text: await answer.text(),
    }
  }
  const put = (query: string, text: string, headers: Record<string, string>) =>
    api(`/registry${query}`, { method: "PUT", body: text, headers: { "content-type": "application/yaml", ...headers } })
  const yaml = await read("/registry", "application/yaml")
  const json = await read("/registry")
  expect([yaml.type, json.type, yaml.etag]).toEqual(["application/yaml", "application/json", json.etag])
  expect(parse(yaml.text)).toEqual(JSON.parse(json.text))
  expect((await read("/registry?format=yaml")).text).toBe(yaml.text)

  const dry = await put("?dry_run=1", payments, { "if-match": yaml.etag })
  expect(await dry.json()).toMatchObject({ dry_run: true, changes: [{ verb: "create", kind: "audience" }] })
  expect((await read("/registry")).etag).toBe(yaml.etag)
  const done = await put("", payments, { "if-match": yaml.etag })
  expect(done.headers.get("etag")).toBe((await read("/registry")).etag)
  const late = await put("", empty, { "if-match": yaml.etag })
  expect([late.status, await late.json()]).toEqual([412, expect.objectContaining({ code: "stale" })])
  const again = await put("", (await read("/registry?format=yaml")).text, {})
  expect(await again.json()).toMatchObject({ changes: [] })
  expect((await put("", "a: &x [*x]", {})).status).toBe(400)
  expect((await put("", empty, {})).status).toBe(200)
})

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

  /** Answers in place of the API where `stand` says so. */
  const through =
    (stand: (path: string, method: string, real: () => Promise<Response>) => Promise<Response> | null): typeof fetch =>
    (input, init) =>
      stand(new URL(String(input)).pathname.replace("/api/v1", ""), init?.method ?? "GET", () => fetch(input, init)) ??
      fetch(input, init)
  const isApply = (path: string, method: string) => method === "POST" && path.endsWith("/apply")
  const owned = (owner: string) => whole.replace("owner: checkout", `owner: ${owner}\n    display_name: Of ${owner}`)
  const open = () => db().plan.count({ where: { status: { in: ["planned", "approved"] } } })

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

  test("the real command, in a process of its own: prints, and ends with its code", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "grantry-cli-")), "registry.yaml")
    writeFileSync(file, whole.replace("owner: checkout", "owner: billing"))
    const started = promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, "grantry.mjs"), "plan", "-f", file],
      {
        env: { ...process.env, GRANTRY_URL: host.base, GRANTRY_TOKEN: rootToken },
      },
    )
    await expect(started).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('owner: "checkout" → "billing"'),
    })
  })

  // util-linux brings a pseudo-terminal.
  test.runIf(spawnSync("script", ["--version"]).status === 0).each([
    ["Ctrl-C", "\u0003", ""],
    ["Ctrl-D", "\u0004", ""],
    ["Ctrl-D with messages going to a file", "\u0004", " 2>messages"],
  ])("declining with %s changes nothing and says so: 1", async (_, key, redirect) => {
    const folder = mkdtempSync(join(tmpdir(), "grantry-cli-"))
    writeFileSync(join(folder, "registry.yaml"), owned("nobody"))
    const before = await (await host.api("/registry")).text()
    const line = `'${process.execPath}' '${join(import.meta.dirname, "main.ts")}' apply -f registry.yaml${redirect}`
    const child = spawn("script", ["-qec", line, "/dev/null"], {
      cwd: folder,
      env: { ...process.env, GRANTRY_URL: host.base, GRANTRY_TOKEN: rootToken },
    })
    const messages = () => (existsSync(join(folder, "messages")) ? readFileSync(join(folder, "messages"), "utf8") : "")
    let shown = ""
    let asked = false
    child.stdout.on("data", (chunk: Buffer) => void (shown += chunk.toString()))
    const typing = setInterval(() => {
      if (asked || !(shown + messages()).includes("Type yes")) return
      asked = true
      child.stdin.write(key)
    }, 50)
    const code = await new Promise((resolve) => child.once("close", resolve))
    clearInterval(typing)
    expect([code, (shown + messages()).includes("Nothing was changed.")]).toEqual([1, true])
    expect(shown + messages()).not.toContain("    at ")
    expect(await (await host.api("/registry")).text()).toBe(before)
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
