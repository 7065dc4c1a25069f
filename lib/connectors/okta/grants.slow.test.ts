/** Policies: the first that matches decides, so what a client gets is not always what its own policy says. */
import { expect, test } from "vitest"
import { change, lawRig, type Placed } from "./laws.fixture.ts"
import { newPolicy, newRule } from "./org.fixture.ts"

const rig = lawRig()
const policiesPath = ({ audience }: Pick<Placed, "audience">) =>
  `/api/v1/authorizationServers/${rig.org.server(audience.key).id}/policies`

/** A policy that somebody makes by hand. Answers its id. */
async function byHand(
  objects: Pick<Placed, "audience">,
  clients: readonly string[],
  rule: object | null,
  priority?: number,
) {
  const { id } = await rig.org.admin(
    "POST",
    policiesPath(objects),
    newPolicy(`by hand ${Math.random()}`, clients, priority),
  )
  if (rule) await rig.org.admin("POST", `${policiesPath(objects)}/${String(id)}/rules`, rule)
  return String(id)
}
const found = ({ grant }: Placed) => rig.port().find("grant", grant.key)
const policiesCheck = async () => (await rig.open().check()).find(({ name }) => name === "policies")

test("a grant is one policy for this client alone, with one rule, in the first place", async () => {
  const objects = await rig.placed()
  const { policies } = rig.org.server(objects.audience.key)
  expect(policies).toHaveLength(1)
  expect(policies[0]?.body).toMatchObject({
    name: `grantry:${objects.client.key}`,
    description: "grantry p:c",
    conditions: { clients: { include: [objects.client.key] } },
  })
  expect(policies[0]?.rules.map(({ body }) => body)).toMatchObject([
    {
      conditions: { grantTypes: { include: ["client_credentials"] }, scopes: { include: ["payments:write"] } },
      actions: { token: { accessTokenLifetimeMinutes: 15 } },
    },
  ])
  const { value } = await rig.issued(objects.client.key, "r:0")
  const { claims } = await rig.token(objects, value)
  expect(claims).toMatchObject({
    aud: objects.audience.key,
    cid: objects.client.key,
    sub: objects.client.key,
    scp: ["payments:write"],
    iss: `${rig.org.fake.url}/oauth2/${objects.remoteIds.audience}`,
  })
  expect(Number(claims?.exp) - Number(claims?.iat)).toBe(900)
  expect((await rig.token(objects, value, ["payments:read"])).error).toBe("access_denied")
})

test("a foreign policy for everybody above ours decides: drift shows what tokens show, and a revert puts ours first", async () => {
  const objects = await rig.placed()
  const { value } = await rig.issued(objects.client.key, "r:0")
  await byHand(objects, ["ALL_CLIENTS"], newRule(["*"], 60), 1)
  const { claims } = await rig.token(objects, value, ["payments:read", "payments:write"])
  expect(Number(claims?.exp) - Number(claims?.iat)).toBe(3_600)
  const seen = await found(objects)
  expect(seen).toMatchObject({
    marked: true,
    fields: { scopes: ["payments:read", "payments:write"], token_ttl_seconds: 3_600 },
  })
  expect((await rig.port().observe()).find(({ key }) => key === objects.grant.key)).toEqual(seen)
  expect(await policiesCheck()).toMatchObject({
    is: "warn",
    why: expect.stringContaining("(priority 1): tokens follow that policy"),
  })
  const reverted = await rig.port().update(objects.remoteIds.grant, objects.grant, change("scopes", null, null))
  expect(reverted.fields).toEqual(objects.grant.fields)
  expect(Number((await rig.token(objects, value)).claims?.exp)).toBeLessThan(Number(claims?.exp))
})

test("a policy below ours takes nothing away, but gives more: the check says so, and the grant stays as it was asked for", async () => {
  const objects = await rig.placed()
  await byHand(objects, ["ALL_CLIENTS"], newRule(["*"], 60))
  expect((await found(objects))?.fields).toEqual(objects.grant.fields)
  expect(await policiesCheck()).toMatchObject({
    is: "warn",
    why: expect.stringContaining("gives what our policies do not"),
  })
})

test.each([
  ["it is for somebody else", () => ["svc-nobody"], newRule(["*"], 60)],
  [
    "its rule is for another grant type",
    () => ["ALL_CLIENTS"],
    {
      ...newRule(["*"], 60),
      conditions: { ...newRule(["*"], 60).conditions, grantTypes: { include: ["authorization_code"] } },
    },
  ],
  ["its rule is off", () => ["ALL_CLIENTS"], { ...newRule(["*"], 60), status: "INACTIVE" }],
  ["it has no rule", () => ["ALL_CLIENTS"], null],
] as const)("a policy above ours that decides nothing is no shadow: %s", async (_why, clients, rule) => {
  const objects = await rig.placed()
  await byHand(objects, [...clients()], rule, 1)
  expect((await found(objects))?.fields).toEqual(objects.grant.fields)
})

test("a policy above ours for this very client wins, for the scopes that it names", async () => {
  const objects = await rig.placed()
  await byHand(objects, [objects.client.key, "svc-other"], newRule(["payments:read"], 30), 1)
  expect((await found(objects))?.fields).toEqual({
    scopes: ["payments:read", "payments:write"],
    token_ttl_seconds: 1_800,
  })
})

test("switched off by hand, our policy gives nothing; so does a rule, and so does the whole server; a revert brings each back", async () => {
  const objects = await rig.placed()
  const server = rig.org.server(objects.audience.key)
  const off = [
    () =>
      rig.org.admin("PUT", `${policiesPath(objects)}/${server.policies[0]?.id ?? ""}`, {
        ...server.policies[0]?.body,
        status: "INACTIVE",
      }),
    () => {
      const rule = server.policies[0]?.rules[0]
      return rig.org.admin("PUT", `${policiesPath(objects)}/${server.policies[0]?.id ?? ""}/rules/${rule?.id ?? ""}`, {
        ...rule?.body,
        status: "INACTIVE",
      })
    },
    () => rig.org.admin("POST", `/api/v1/authorizationServers/${server.id}/lifecycle/deactivate`),
  ]
  for (const act of off) {
    await act()
    expect((await found(objects))?.fields.scopes).toEqual([])
    const { fields } = await rig
      .port()
      .update(objects.remoteIds.grant, objects.grant, change("scopes", [], objects.grant.fields.scopes ?? null))
    expect(fields).toEqual(objects.grant.fields)
  }
})

test("a policy for everybody is nobody's grant; one for two clients is a grant of each, and is not ours to write or remove", async () => {
  const objects = await rig.placed()
  const everybody = await byHand(objects, ["ALL_CLIENTS"], newRule(["*"], 60))
  const shared = await byHand(objects, ["svc-a-1", "svc-b-2"], newRule(["payments:read"], 30))
  const seen = (await rig.port().observe()).filter(
    ({ kind, key }) => kind === "grant" && key.endsWith(` ${objects.audience.key}`),
  )
  expect(seen.map(({ remoteId }) => remoteId)).not.toContain(`${objects.remoteIds.audience}/${everybody}`)
  const theirs = seen.filter(({ remoteId }) => remoteId.endsWith(`/${shared}`))
  expect(theirs.map(({ key, marked }) => [key.split(" ")[0], marked])).toEqual([
    ["svc-a-1", false],
    ["svc-b-2", false],
  ])
  const [one] = theirs
  if (!one) throw new Error("no shared grant was seen")
  await expect(rig.port().update(one.remoteId, { ...objects.grant, key: one.key }, [])).rejects.toMatchObject({
    code: "unsupported",
  })
  await expect(rig.port().remove("grant", one.remoteId, one.key)).rejects.toMatchObject({ code: "unsupported" })
  expect(rig.org.server(objects.audience.key).policies).toHaveLength(3)
})

test("a rule whose answer was lost leaves a policy that is found by its marker, and the update finishes it", async () => {
  for (const answer of ["lost", { status: 503 }] as const) {
    const objects = rig.fresh()
    await rig.port().create(objects.audience, "p:c")
    await rig.port().create(objects.client, "p:c")
    rig.org.fake.faults.add({ match: ({ method, path }) => method === "POST" && path.endsWith("/rules"), answer })
    await expect(rig.port().create(objects.grant, "p:9")).rejects.toMatchObject({ code: "lost_answer" })
    const half = await rig.port().find("grant", objects.grant.key)
    expect(half).toMatchObject({ marked: true, marker: "p:9" })
    const whole = await rig
      .port()
      .update(half?.remoteId ?? "", objects.grant, change("scopes", [], objects.grant.fields.scopes ?? null))
    expect(whole.fields).toEqual(objects.grant.fields)
    expect(rig.org.policy(objects.grant.key).rules).toHaveLength(1)
  }
})

test("grants made side by side on one server each end in front of what is foreign", async () => {
  const objects = await rig.placed()
  await byHand(objects, ["ALL_CLIENTS"], newRule(["*"], 60), 1)
  const port = rig.port()
  const grants = ["one", "two", "three", "four"].map((name) => ({
    ...objects.grant,
    key: `svc-${name}-x ${objects.audience.key}`,
  }))
  const made = await Promise.all(grants.map((grant) => port.create(grant, "p:c")))
  for (const { fields } of made) expect(fields).toEqual(objects.grant.fields)
  const seen = await rig.port().observe()
  for (const { key } of grants) expect(seen.find((one) => one.key === key)?.fields).toEqual(objects.grant.fields)
})

test("a server with more than fifty policies is told of, since nobody knows the limit", async () => {
  const { audience } = await rig.placed()
  const server = rig.org.server(audience.key)
  const [policy] = server.policies
  if (!policy) throw new Error("no policy is there")
  const fill = (upTo: number) => {
    while (server.policies.length < upTo)
      server.policies.push({ ...policy, id: `00pmore${server.policies.length}`, status: "INACTIVE", rules: [] })
  }
  fill(50)
  expect((await policiesCheck())?.why).not.toContain(`${audience.key}: 5`)
  fill(51)
  expect(await policiesCheck()).toMatchObject({
    is: "warn",
    why: expect.stringContaining(`${audience.key}: 51 policies`),
  })
})

test("an update keeps what people set on the rule beside our words", async () => {
  const objects = await rig.placed()
  const policy = rig.org.policy(objects.grant.key)
  const rule = policy.rules[0]
  const token = { accessTokenLifetimeMinutes: 15, inlineHook: { id: "cal1" }, refreshTokenLifetimeMinutes: 7 }
  await rig.org.admin("PUT", `${policiesPath(objects)}/${policy.id}/rules/${rule?.id ?? ""}`, {
    ...rule?.body,
    name: "theirs",
    actions: { token },
  })
  const next = { ...objects.grant, fields: { ...objects.grant.fields, token_ttl_seconds: 300 } }
  await rig.port().update(objects.remoteIds.grant, next, change("token_ttl_seconds", 900, 300))
  expect(rig.org.policy(objects.grant.key).rules[0]?.body).toMatchObject({
    name: "theirs",
    actions: { token: { accessTokenLifetimeMinutes: 5, inlineHook: { id: "cal1" }, refreshTokenLifetimeMinutes: 7 } },
  })
})
