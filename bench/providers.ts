/**
 * A registry of BENCH_CLIENTS (1,000), BENCH_AUDIENCES (100) and three grants a client on three providers: a real Keycloak
 * (KEYCLOAK_URL, or one started for this) and our fakes of Auth0 and Okta. Prints the time of a plan beyond the providers'
 * answers, of a full apply to Keycloak beside a bare loop that makes the same objects one by one in a second realm, and the
 * writes of an unchanged second plan. DATABASE_URL is a server. Clients have keys, so that only objects are compared.
 */
import { createHash, randomBytes } from "node:crypto"
import { exportJWK, generateKeyPair } from "jose"
import { z } from "zod"
import { systemActor } from "../lib/auth/system.ts"
import { guardedFetch, useOutgoing, type GuardedFetch } from "../lib/base/http.ts"
import { startFakeAuth0 } from "../lib/connectors/fakes/auth0/fake.ts"
import { startFakeOkta } from "../lib/connectors/fakes/okta/fake.ts"
import { testRealm, type Server, type TestRealm } from "../lib/connectors/keycloak/realm.fixture.ts"
import { db } from "../lib/db/client.ts"
import { testDatabase } from "../lib/db/testing.ts"
import { createProvider } from "../lib/providers/commands.ts"
import { closeBoss } from "../lib/queue/boss.ts"
import { createAudience } from "../lib/registry/audiences/commands.ts"
import { createClient } from "../lib/registry/clients/commands.ts"
import { createGrant } from "../lib/registry/grants/commands.ts"
import { audienceInput, clientInput, grantInput } from "../lib/registry/schema.ts"
import { runApplies } from "../lib/sync/apply.ts"
import { createPlan } from "../lib/sync/create-plan.ts"
import { loadPlan } from "../lib/sync/queries.ts"
import { applyPlan } from "../lib/sync/start-apply.ts"
import { useKey } from "../lib/vault/key.ts"
import { startKeycloak } from "../scripts/keycloak/server.ts"
import { findTools } from "../scripts/keycloak/tools.ts"

const clients = Number(process.env.BENCH_CLIENTS ?? 1_000)
const audiences = Number(process.env.BENCH_AUDIENCES ?? 100)
const grantsEach = 3

interface Sent {
  readonly url: string
  readonly init: NonNullable<Parameters<GuardedFetch>[1]>
}

interface Timed<T> {
  readonly result: T
  readonly ms: number
  readonly own: number
  readonly atOnce: number
  readonly asked: number
  readonly writes: number
}

/** Time in which at least one request is under way, and every request that writes. */
class Meter {
  readonly writes: Sent[] = []
  asked = 0
  private underWay = 0
  private since = 0
  private answering = 0
  /** Milliseconds of all requests together. */
  private together = 0

  readonly over =
    (fetch: GuardedFetch): GuardedFetch =>
    async (url, init) => {
      this.asked++
      const method = init?.method ?? "GET"
      if (method !== "GET" && !/\/token$/.test(new URL(url).pathname)) this.writes.push({ url, init: init ?? {} })
      const sentAt = performance.now()
      if (this.underWay++ === 0) this.since = sentAt
      try {
        return await fetch(url, init)
      } finally {
        this.together += performance.now() - sentAt
        if (--this.underWay === 0) this.answering += performance.now() - this.since
      }
    }

  /** `own`: milliseconds without any request; `atOnce`: how many were under way, on average. */
  async time<T>(run: () => Promise<T>): Promise<Timed<T>> {
    const before = {
      answering: this.answering,
      together: this.together,
      asked: this.asked,
      writes: this.writes.length,
    }
    const started = performance.now()
    const result = await run()
    const ms = performance.now() - started
    return {
      result,
      ms,
      own: ms - (this.answering - before.answering),
      atOnce: (this.together - before.together) / ms,
      asked: this.asked - before.asked,
      writes: this.writes.length - before.writes,
    }
  }
}

const written = z.looseObject({
  id: z.string().optional(),
  name: z.string().optional(),
  optionalClientScopes: z.array(z.string()).optional(),
})
const named = ({ name, id }: z.output<typeof written>): readonly [string | undefined, string | undefined] => [name, id]

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const told = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`
const plain = guardedFetch({ allowHosts: ["127.0.0.1", "localhost"], timeoutMs: 60_000 })
const meter = new Meter()
const system = systemActor("bench")
const database = await testDatabase()
useKey(randomBytes(32))
useOutgoing(meter.over(plain))

const keycloak = await server()
const [realm, bare] = [await testRealm(keycloak), await testRealm(keycloak)]
const [auth0, okta] = [await startFakeAuth0(), await startFakeOkta()]
try {
  await measure()
} finally {
  await closeBoss()
  for (const one of [auth0, okta]) await one.stop()
  for (const one of [realm, bare]) await one.remove()
  await keycloak.stop()
  await database.drop()
}

async function measure(): Promise<void> {
  const ids = [
    await provider("keycloak", { ...realm.settings }),
    await provider("auth0", { ...auth0.settings }),
    await provider("okta", { ...okta.settings }),
  ]
  const [first = "", ...fakes] = ids
  await fill(ids)
  console.log(
    `  ${clients} clients, ${audiences} audiences, ${clients * grantsEach} grants, on ${ids.length} providers`,
  )

  const plan = await meter.time(() => createPlan(system, { provider_ids: ids }))
  console.log(
    `  first plan of all three, ${plan.result.changes.length} changes: ${told(plan.ms)}, of it beyond the providers' answers ${told(plan.own)} (bar 2 s)`,
  )

  const before = meter.writes.length
  const applied = await apply([first])
  const sent = meter.writes.slice(before)
  console.log(
    `  full apply to Keycloak: ${told(applied.ms)}, ${applied.asked} requests, ${applied.writes} of them writes, ${applied.atOnce.toFixed(1)} at once`,
  )
  const single = objectByObject(sent)
  const loop = await oneByOne(single)
  console.log(
    `  the same objects by ${single.length} writes, one by one by a bare loop: ${told(loop)}: ratio ${(applied.ms / loop).toFixed(2)} (bar 1, aim 0.6)`,
  )

  const rest = await apply(fakes)
  console.log(`  full apply to the two fakes: ${told(rest.ms)}, ${rest.asked} requests`)
  const again = await meter.time(() => createPlan(system, { provider_ids: ids }))
  console.log(
    `  unchanged plan of all three, ${again.result.changes.length} changes: ${told(again.ms)}, of it beyond the providers' answers ${told(again.own)} (bar 2 s), ${again.asked} requests, ${again.writes} writes (bar 0)`,
  )
}

async function provider(kind: string, settings: Record<string, unknown>): Promise<string> {
  return (await createProvider(system, { kind, name: kind, environment: "test", settings })).id
}

async function fill(provider_ids: readonly string[]): Promise<void> {
  const key = { ...(await exportJWK((await generateKeyPair("RS256")).publicKey)), kid: "k1", use: "sig", alg: "RS256" }
  const identifier = (n: number) => `https://api-${n % audiences}.example`
  const scopes = ["read", "write"]
  await side(audiences, async (n) => {
    const named = scopes.map((name) => ({ name: `api${n}:${name}` }))
    await createAudience(system, audienceInput.parse({ identifier: identifier(n), name: `API ${n}`, scopes: named }))
  })
  await side(clients, async (n) => {
    const name = `service-${n}`
    const jwks = { keys: [key] }
    await createClient(
      system,
      clientInput.parse({ name, owner: "team", auth_method: "private_key_jwt", jwks, provider_ids }),
    )
    for (let i = 0; i < grantsEach; i++) {
      const at = (n + i * 7) % audiences
      const grant = { client: name, audience: identifier(at), scopes: [`api${at}:read`], reason: "bench" }
      await createGrant(system, grantInput.parse(grant))
    }
  })
}

async function apply(ids: readonly string[]) {
  const { id, changes } = await createPlan(system, { provider_ids: [...ids] })
  await applyPlan(system, id, { confirm: changes.map((change) => change.id), beyond_limit: true })
  const timed = await meter.time(() => runApplies())
  const { status, changes: done } = await loadPlan(db(), id)
  const bad = done.filter((change) => change.status !== "done")
  if (status !== "applied")
    throw new Error(`the plan ended ${status}: ${bad.length} not done, the first: ${JSON.stringify(bad.slice(0, 3))}`)
  return timed
}

/** One object a request, as a loop over the registry would send it: a client by its POST, each of its grants by a PUT. */
function objectByObject(sent: readonly Sent[]): readonly Sent[] {
  const bodyOf = ({ init }: Sent) => (typeof init.body === "string" ? written.parse(JSON.parse(init.body)) : {})
  const scopes = new Map(sent.flatMap((one) => (one.url.endsWith("/client-scopes") ? [bodyOf(one)] : [])).map(named))
  return sent.flatMap((one) => {
    const { optionalClientScopes = [], ...body } = bodyOf(one)
    if (optionalClientScopes.length === 0) return [one]
    const grants = optionalClientScopes.map((name) => ({
      url: `${one.url}/${body.id}/optional-client-scopes/${scopes.get(name)}`,
      init: { method: "PUT", headers: {} },
    }))
    return [
      { url: one.url, init: { ...one.init, body: JSON.stringify({ ...body, optionalClientScopes: [] }) } },
      ...grants,
    ]
  })
}

/** To the second realm, each after the answer to the one before. Answers milliseconds. */
async function oneByOne(sent: readonly Sent[]): Promise<number> {
  const moved = (text: string) =>
    text.replace(uuid, otherId).replaceAll(`/realms/${realm.settings.realm}/`, `/realms/${bare.settings.realm}/`)
  let [authorization, fetchedAt] = [await tokenOf(bare), performance.now()]
  const started = performance.now()
  for (const { url, init } of sent) {
    if (performance.now() - fetchedAt > 30_000) [authorization, fetchedAt] = [await tokenOf(bare), performance.now()]
    const { status, text } = await plain(moved(url), {
      ...init,
      headers: { ...init.headers, authorization },
      ...(typeof init.body === "string" ? { body: moved(init.body) } : {}),
    })
    if (status >= 300) throw new Error(`${init.method} ${moved(url)}: ${status} ${text}`)
  }
  return performance.now() - started
}

async function tokenOf({ settings, token }: TestRealm): Promise<string> {
  const { body } = await token(settings.client_id, settings.client_secret, {})
  return `Bearer ${(body as { access_token: string }).access_token}`
}

/** An id is unique on the whole server, so the second realm's objects have others. */
function otherId(id: string): string {
  const hex = createHash("sha256").update(`bare ${id}`).digest("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  )
}

async function side(many: number, run: (n: number) => Promise<void>): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < many) await run(next++)
  }
  await Promise.all([lane(), lane(), lane(), lane()])
}

async function server(): Promise<Server & { stop(): Promise<void> }> {
  const {
    KEYCLOAK_URL: base_url,
    KEYCLOAK_ADMIN_CLIENT_ID: client_id,
    KEYCLOAK_ADMIN_CLIENT_SECRET: client_secret,
  } = process.env
  if (base_url && client_id && client_secret)
    return { base_url, admin: { client_id, client_secret }, stop: async () => undefined }
  const tools = await findTools()
  if ("missing" in tools) throw new Error(`No Keycloak can be started: ${tools.missing}`)
  const started = await startKeycloak(tools)
  return { base_url: started.url, admin: started.admin, stop: () => started.stop() }
}
