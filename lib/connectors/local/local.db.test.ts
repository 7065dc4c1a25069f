import { afterAll, beforeAll, expect, test } from "vitest"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { startTestIdp, type TestIdp } from "../../playground/idp/testing.ts"
import type { GuardedFetch } from "../../base/http.ts"
import { connectorContract } from "../contract.ts"
import { secretsOf, writing, type ContractProvider } from "../contract-subject.ts"
import type { DesiredObject } from "../objects.ts"
import type { Connector } from "../port.ts"
import { testOpened } from "../memory.fixture.ts"
import { openLocal } from "./local.ts"
import { reject } from "./rules.ts"
import { localBehind, localSamples } from "./samples.fixture.ts"

const scope = (name: string) => ({ name, description: "" })

let running: TestIdp
let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  running = await startTestIdp(database.url)
})
afterAll(async () => {
  await running.idp.close()
  await database.drop()
})
const open = (fetch: GuardedFetch): Connector =>
  openLocal({
    providerId: "p1",
    settings: { issuer: running.settings.issuer, admin_token: running.settings.admin_token },
    fetch,
    ...testOpened(),
  })

async function start(): Promise<ContractProvider> {
  const { admin, form, fetch } = running
  return {
    connector: open,
    fetch,
    behind: localBehind(admin),
    async tokenError(client, secret, { parameters }) {
      const { body } = await form("/token", { grant_type: "client_credentials", ...parameters }, `${client}:${secret}`)
      return typeof body.error === "string" ? body.error : null
    },
    stop: async () => undefined,
  }
}

connectorContract("local", start, localSamples)

test("every endpoint stands below the issuer", async () => {
  const { issuer } = running.settings
  const told = await open(running.fetch).endpoints()
  expect(told.issuer).toBe(issuer)
  for (const url of [told.tokenEndpoint, told.jwksUri, told.introspectionEndpoint ?? ""])
    expect(url.startsWith(`${issuer}/`), url).toBe(true)
})

test("secrets are listed with the fingerprints that they were given, and never with a value", async () => {
  const client = { ...localSamples.client, key: "listed-service" }
  const connector = open(running.fetch)
  await writing(connector).create(client, "p:listed")
  const given = ["fp_first", "fp_second"].map((fingerprint) => ({ fingerprint, value: localSamples.secretValue() }))
  for (const { fingerprint, value } of given) {
    const input = { client: client.key, value, fingerprint, marker: fingerprint, expiresAt: null }
    expect(await secretsOf(connector).issue(input)).toMatchObject({ fingerprint })
  }
  const listed = await secretsOf(connector).listSecrets(client.key)
  expect(new Set(listed.map(({ fingerprint }) => fingerprint))).toEqual(new Set(["fp_first", "fp_second"]))
  for (const { value } of given) expect(JSON.stringify(listed)).not.toContain(value)
})

test("what a provider echoes of a secret stands in no error: its place says redacted", async () => {
  const client = { ...localSamples.client, key: "echoed-service" }
  await writing(open(running.fetch)).create(client, "p:echoed")
  const value = localSamples.secretValue()
  const echoing: GuardedFetch = async (url, init) =>
    init?.method === "POST"
      ? { status: 400, headers: new Headers(), text: `you sent ${String(init.body)}` }
      : await running.fetch(url, init)
  const input = { client: client.key, value, fingerprint: "fp_echo", marker: "m", expiresAt: null }
  const error: unknown = await secretsOf(open(echoing))
    .issue(input)
    .catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: "invalid", excerpt: expect.stringContaining("[redacted]") as string })
  expect(JSON.stringify(error)).not.toContain(value)
})

test("a list that does not advance is an error, not an endless read", async () => {
  let calls = 0
  const stuck: GuardedFetch = async () => {
    calls += 1
    return { status: 200, headers: new Headers(), text: '{"items":[],"next":"same"}' }
  }
  await expect(writing(open(stuck)).observe()).rejects.toMatchObject({ code: "unknown" })
  expect(calls).toBeLessThanOrEqual(3)
})

test("observe reads every page: 450 foreign clients are all seen, once each", async () => {
  const names = Array.from({ length: 450 }, (_, i) => `many-${i}`)
  for (let i = 0; i < names.length; i += 50) {
    await Promise.all(
      names
        .slice(i, i + 50)
        .map((name) => running.admin("POST", "/clients", { client_id: name, auth_method: "client_secret_basic" })),
    )
  }
  const seen = (await writing(open(running.fetch)).observe()).filter((object) => object.key.startsWith("many-"))
  expect(seen.map((object) => object.key).sort()).toEqual(names.sort())
})

const refused: readonly (readonly [string, DesiredObject])[] = [
  ["an audience that is no URI", { ...localSamples.audience, key: "payments" }],
  ["an audience with a fragment", { ...localSamples.audience, key: "https://a.example/#x" }],
  [
    "a life of a second",
    {
      ...localSamples.audience,
      key: "https://b.example",
      fields: { ...localSamples.audience.fields, token_ttl_seconds: 1 },
    },
  ],
  [
    "an algorithm that is none",
    {
      ...localSamples.audience,
      key: "https://c.example",
      fields: { ...localSamples.audience.fields, signing_alg: "none" },
    },
  ],
  [
    "a scope with a space",
    {
      ...localSamples.audience,
      key: "https://d.example",
      fields: { ...localSamples.audience.fields, scopes: [scope("a b")] },
    },
  ],
  ["a client name with a space", { ...localSamples.client, key: "order service" }],
  [
    "private_key_jwt without a key",
    {
      ...localSamples.client,
      key: "no-key",
      fields: { ...localSamples.client.fields, auth_method: "private_key_jwt" },
    },
  ],
  [
    "a private key",
    {
      ...localSamples.client,
      key: "leaky",
      fields: { ...localSamples.client.fields, jwks: { keys: [{ kty: "EC", d: "x" }] } },
    },
  ],
]

test.each(refused)("%s is refused before any call, and by the provider too", async (_name, object) => {
  expect(reject([object]).length).toBeGreaterThan(0)
  await expect(writing(open(running.fetch)).create(object, "m")).rejects.toMatchObject({ code: "invalid" })
})

test("the check tells whether our token may write without writing: it sends reads only", async () => {
  const methods: string[] = []
  const watched = open(async (url, init) => {
    methods.push(init?.method ?? "GET")
    return running.fetch(url, init)
  })
  expect((await watched.check()).find((check) => check.name === "may_write")).toMatchObject({ is: "pass" })
  expect(new Set(methods)).toEqual(new Set(["GET"]))
})

test("a read-only token may observe, and says that it may not write", async () => {
  const { readToken } = await import("../../playground/idp/settings.ts")
  const reader = openLocal({
    providerId: "p1",
    settings: { issuer: running.settings.issuer, admin_token: readToken(running.settings.admin_token) },
    fetch: running.fetch,
    ...testOpened(),
  })
  expect((await writing(reader).observe()).length).toBeGreaterThan(0)
  expect((await reader.check()).find((check) => check.name === "may_write")).toMatchObject({ is: "fail" })
  await expect(writing(reader).create({ ...localSamples.client, key: "never" }, "m")).rejects.toMatchObject({
    code: "forbidden",
  })
})
