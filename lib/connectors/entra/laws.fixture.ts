/** What the tests of Entra's laws share: a fake tenant in its plainest mode before each test, and objects placed in it. */
import { afterAll, beforeAll, beforeEach } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { grantKey, type DesiredObject } from "../objects.ts"
import type { Connector } from "../port.ts"
import { localFetch, samples, testTenant, type TestTenant } from "./tenant.fixture.ts"

const plain = {
  replicationReads: 0,
  nulls: false,
  pageMax: 999,
  secretDelayMs: 0,
  licence: true,
  v1SignIns: false,
  requestsPer10s: null,
  verifiedDomains: [],
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Headers
  readonly body: unknown
}

/** Starts the tenant for the tests of one file. */
export function lawTenant() {
  let started: TestTenant | null = null
  let count = 0
  const tenant = (): TestTenant => {
    if (started === null) throw new Error("the tenant did not start")
    return started
  }
  beforeAll(async () => {
    started = await testTenant()
  })
  afterAll(async () => {
    await started?.fake.stop()
  })
  beforeEach(() => {
    Object.assign(tenant().fake.tenant.modes, plain)
    tenant().fake.faults.clear()
    tenant().waits.length = 0
  })

  /** Fresh objects in the shape of this provider: an audience, a client, and a grant of `scopes`. */
  function fresh(scopes: readonly string[] = ["payments:read"]) {
    const n = ++count
    const audience: DesiredObject = { ...samples.audience, key: `https://api-${n}.example` }
    const client: DesiredObject = { ...samples.client, key: `client-${n}` }
    const grant: DesiredObject = { kind: "grant", key: grantKey(client.key, audience.key), fields: { scopes } }
    const [a = audience, c = client, g = grant] = tenant().open().shape([audience, client, grant]).objects
    return { audience: a, client: c, grant: g }
  }

  async function placed(scopes?: readonly string[]) {
    const objects = fresh(scopes)
    const connector = tenant().open()
    const port = writing(connector)
    const audience = await port.create(objects.audience, "p:a")
    const client = await port.create(objects.client, "p:c")
    const grant = await port.create(objects.grant, "p:g")
    return { ...objects, connector, port, made: { audience, client, grant } }
  }

  async function withoutPermission(name: string, run: () => Promise<void>): Promise<void> {
    const before = tenant().fake.tenant.permissions
    tenant().fake.tenant.permissions = before.filter((one) => one !== name)
    try {
      await run()
    } finally {
      tenant().fake.tenant.permissions = before
    }
  }

  return { tenant, fresh, placed, withoutPermission }
}

export const secret = (connector: Connector, client: string, marker = "r:1") =>
  secretsOf(connector).issue({ client, value: "x", fingerprint: "fp", marker, expiresAt: null })

/** What is asked of Graph on the way. */
export function listening(): { readonly fetch: GuardedFetch; readonly asked: readonly Asked[] } {
  const asked: Asked[] = []
  const fetch: GuardedFetch = async (url, init) => {
    const { pathname, search } = new URL(url)
    const text = typeof init?.body === "string" && init.body.startsWith("{") ? init.body : "null"
    asked.push({
      method: init?.method ?? "GET",
      path: decodeURIComponent(pathname + search),
      headers: new Headers(init?.headers),
      body: JSON.parse(text),
    })
    return await localFetch(url, init)
  }
  return { fetch, asked }
}
