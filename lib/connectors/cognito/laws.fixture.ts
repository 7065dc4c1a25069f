/** What the tests of Cognito's laws share: one pool for a file, objects under fresh names, and a look at the wire. */
import { afterAll, beforeAll, beforeEach } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { isObject, type Json } from "../../base/json.ts"
import { writing } from "../contract-subject.ts"
import { grantKey, type DesiredObject, type FieldChange, type RemoteObject } from "../objects.ts"
import type { WritePort } from "../write-port.ts"
import { localFetch, operationOf, samples, targetOf, testPool, type TestPool } from "./pool.fixture.ts"

interface Fresh {
  readonly audience: DesiredObject
  readonly client: DesiredObject
  readonly grant: DesiredObject
}
export interface Placed extends Fresh {
  remoteId(kind: string): string
}
export interface Sent {
  readonly target: string
  readonly operation: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface Rig {
  readonly pool: TestPool
  port(): WritePort
  fresh(): Fresh
  /** A resource server, a client and a grant between them, made by us. */
  placed(): Promise<Placed>
  /** Keeps what is asked of the API. */
  watched(): { readonly fetch: GuardedFetch; readonly sent: Sent[] }
  token(fields: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }>
}

export const { audience, client, grant } = samples
export const change = (field: string, from: Json, to: Json): readonly FieldChange[] => [{ field, from, to }]

/** Starts a pool before the tests of the calling file. */
export function lawRig(): Rig {
  let started: TestPool | null = null
  let made = 0
  const pool = (): TestPool => {
    if (!started) throw new Error("the pool did not start")
    return started
  }
  beforeAll(async () => {
    started = await testPool()
  })
  afterAll(() => started?.fake.stop())
  beforeEach(() => {
    const { modes } = pool().fake.pool
    Object.assign(modes, { perSecond: null, concurrent: 0, nulls: false, clientsMax: 10_000, serversMax: 10_000 })
    modes.logDelayMs = 0
    pool().fake.allow("all")
  })
  const port = () => writing(pool().open())
  const fresh = (): Fresh => {
    const n = ++made
    const api = { ...audience, key: `https://api.example/${n}` }
    const service = { ...client, key: `svc-${n}` }
    const [one, two, three] = pool()
      .open()
      .shape([api, service, { ...grant, key: grantKey(service.key, api.key) }]).objects
    if (!one || !two || !three) throw new Error("not everything was shaped")
    return { audience: one, client: two, grant: three }
  }
  return {
    get pool() {
      return pool()
    },
    port,
    fresh,
    async placed() {
      const objects = fresh()
      const remote: Record<string, RemoteObject> = {}
      for (const object of [objects.audience, objects.client, objects.grant])
        remote[object.kind] = await port().create(object, "p:c")
      return { ...objects, remoteId: (kind) => remote[kind]?.remoteId ?? "" }
    },
    watched() {
      const sent: Sent[] = []
      return {
        sent,
        async fetch(url, init) {
          const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : {}
          const [target, operation] = [targetOf(init), operationOf(init)]
          if (target !== null && operation !== null && isObject(body)) sent.push({ target, operation, body })
          return await localFetch(url, init)
        },
      }
    },
    async token(fields) {
      const answer = await localFetch(`${pool().fake.url}/oauth2/token`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ grant_type: "client_credentials", ...fields }).toString(),
      })
      const body: unknown = JSON.parse(answer.text)
      return { status: answer.status, body: isObject(body) ? body : {} }
    },
  }
}
