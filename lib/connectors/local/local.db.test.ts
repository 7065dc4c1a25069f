import { randomBytes } from "node:crypto"
import { generateKeyPair, exportJWK } from "jose"
import { afterAll, beforeAll, expect, test } from "vitest"
import { testDatabase, type TestDatabase } from "../../db/testing.ts"
import { startTestIdp, type TestIdp } from "../../playground/idp/testing.ts"
import type { GuardedFetch } from "../../base/http.ts"
import { connectorContract } from "../contract.ts"
import { writing, type ContractProvider, type ContractSamples } from "../contract-subject.ts"
import { splitGrantKey, type Connector, type DesiredObject, type ObjectKind } from "../port.ts"
import { testOpened } from "../memory.fixture.ts"
import { openLocal } from "./local.ts"
import { reject } from "./rules.ts"

const key = { ...(await exportJWK((await generateKeyPair("ES256")).publicKey)), kid: "k1" }
const scope = (name: string) => ({ name, description: "" })

const samples: ContractSamples = {
  audience: {
    kind: "audience",
    key: "https://payment-service.internal",
    fields: {
      name: "Payments",
      scopes: [scope("payments:read"), scope("payments:write")],
      token_ttl_seconds: 300,
      token_format: "jwt",
      signing_alg: "RS256",
    },
  },
  client: {
    kind: "client",
    key: "order-service",
    fields: {
      display_name: "Orders",
      owner: "team-orders",
      auth_method: "client_secret_basic",
      jwks: null,
      enabled: true,
    },
  },
  grant: { kind: "grant", key: "set by the suite", fields: { scopes: ["payments:write"] } },
  other: {
    audience: {
      name: "Payments API",
      scopes: [scope("payments:read"), scope("payments:refund"), scope("payments:write")],
      token_ttl_seconds: 600,
      token_format: "opaque",
      signing_alg: "ES256",
    },
    client: {
      display_name: "Orders 2",
      owner: "team-b",
      jwks: { keys: [key] },
      auth_method: "private_key_jwt",
      enabled: false,
    },
    grant: { scopes: ["payments:read", "payments:write"] },
  },
  ports: { write: true, secrets: "overlap", behind: true },
  secretValue: () => randomBytes(32).toString("base64url"),
}

const paths: Readonly<Record<ObjectKind, string>> = { audience: "/audiences", client: "/clients", grant: "/grants" }
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
  const names = (kind: ObjectKind, name: string): Record<string, string> => {
    if (kind === "client") return { client_id: name }
    if (kind === "audience") return { identifier: name }
    const { client, audience } = splitGrantKey(name)
    return { client_id: client, audience }
  }
  return {
    connector: open,
    fetch,
    behind: {
      async create({ kind, key: name, fields }: DesiredObject) {
        expect((await admin("POST", paths[kind], { ...names(kind, name), ...fields })).status).toBe(201)
      },
      async change(kind, name, field, value) {
        const { body } = await admin("GET", `${paths[kind]}?${new URLSearchParams(names(kind, name)).toString()}`)
        const [found] = body.items as { id: string }[]
        expect((await admin("PATCH", `${paths[kind]}/${found?.id}`, { [field]: value })).status).toBe(200)
      },
    },
    async tokenError(client, secret, { parameters }) {
      const { body } = await form("/token", { grant_type: "client_credentials", ...parameters }, `${client}:${secret}`)
      return typeof body.error === "string" ? body.error : null
    },
    stop: async () => undefined,
  }
}

connectorContract("local", start, samples)

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
  ["an audience that is no URI", { ...samples.audience, key: "payments" }],
  ["an audience with a fragment", { ...samples.audience, key: "https://a.example/#x" }],
  [
    "a life of a second",
    { ...samples.audience, key: "https://b.example", fields: { ...samples.audience.fields, token_ttl_seconds: 1 } },
  ],
  [
    "an algorithm that is none",
    { ...samples.audience, key: "https://c.example", fields: { ...samples.audience.fields, signing_alg: "none" } },
  ],
  [
    "a scope with a space",
    { ...samples.audience, key: "https://d.example", fields: { ...samples.audience.fields, scopes: [scope("a b")] } },
  ],
  ["a client name with a space", { ...samples.client, key: "order service" }],
  [
    "private_key_jwt without a key",
    { ...samples.client, key: "no-key", fields: { ...samples.client.fields, auth_method: "private_key_jwt" } },
  ],
  [
    "a private key",
    { ...samples.client, key: "leaky", fields: { ...samples.client.fields, jwks: { keys: [{ kty: "EC", d: "x" }] } } },
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
  await expect(writing(reader).create({ ...samples.client, key: "never" }, "m")).rejects.toMatchObject({
    code: "forbidden",
  })
})
