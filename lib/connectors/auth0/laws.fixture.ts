/** What the tests of Auth0's laws share: one tenant for a file, objects under fresh names, and a look at the wire. */
import { afterAll, beforeAll, beforeEach } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import { isObject, type Json } from "../../base/json.ts"
import { writing } from "../contract-subject.ts"
import { newId, newSecret, type FakeClient } from "../fakes/auth0/state.ts"
import { grantKey, type DesiredObject, type FieldChange, type RemoteObject } from "../objects.ts"
import type { WritePort } from "../write-port.ts"
import { localFetch, samples, testTenant, type TestTenant } from "./tenant.fixture.ts"

interface Fresh {
  readonly audience: DesiredObject
  readonly client: DesiredObject
  readonly grant: DesiredObject
}
export interface Placed extends Fresh {
  remoteId(kind: string): string
}
export interface Sent {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

export interface Rig {
  readonly tenant: TestTenant
  port(): WritePort
  fresh(): Fresh
  /** An API, a client and a grant between them, made by us. */
  placed(): Promise<Placed>
  /** A client that somebody made in the dashboard. */
  foreign(fields: Partial<FakeClient>): FakeClient
  /** Keeps what goes over the wire. */
  watched(): { readonly fetch: GuardedFetch; readonly sent: Sent[] }
  token(fields: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }>
}

export const { audience, client, grant } = samples(null)
export const change = (field: string, from: Json, to: Json): readonly FieldChange[] => [{ field, from, to }]

/** Starts a tenant before the tests of the calling file. */
export function lawRig(): Rig {
  let started: TestTenant | null = null
  let made = 0
  const tenant = (): TestTenant => {
    if (!started) throw new Error("the tenant did not start")
    return started
  }
  beforeAll(async () => {
    started = await testTenant()
  })
  afterAll(() => started?.fake.stop())
  beforeEach(() => {
    const { modes } = tenant().fake.tenant
    Object.assign(modes, { lists: "checkpoint", nulls: false, emptyErrors: false, entitiesMax: 100_000, bucket: null })
  })
  const port = () => writing(tenant().open())
  const fresh = (): Fresh => {
    const n = ++made
    const [api, service] = tenant()
      .open()
      .shape([
        { ...audience, key: `https://api.example/${n}` },
        { ...client, key: `svc-${n}` },
      ]).objects
    if (!api || !service) throw new Error("nothing was shaped")
    return { audience: api, client: service, grant: { ...grant, key: grantKey(service.key, api.key) } }
  }
  return {
    get tenant() {
      return tenant()
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
    foreign(fields) {
      const theirs: FakeClient = {
        client_id: newId(),
        name: "Foreign",
        description: "",
        app_type: "non_interactive",
        is_first_party: true,
        oidc_conformant: true,
        grant_types: ["client_credentials"],
        token_endpoint_auth_method: "client_secret_post",
        client_authentication_methods: null,
        client_metadata: {},
        jwt_configuration: { alg: "RS256", lifetime_in_seconds: 36_000 },
        global: false,
        client_secret: newSecret(),
        previous: null,
        ...fields,
      }
      tenant().fake.tenant.clients.set(theirs.client_id, theirs)
      return theirs
    },
    watched() {
      const sent: Sent[] = []
      return {
        sent,
        async fetch(url, init) {
          const body: unknown =
            typeof init?.body === "string" && init.body.startsWith("{") ? JSON.parse(init.body) : null
          sent.push({ method: init?.method ?? "GET", path: url.slice(tenant().fake.url.length), body })
          return await localFetch(url, init)
        },
      }
    },
    async token(fields) {
      const answer = await localFetch(`${tenant().fake.url}/oauth/token`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ grant_type: "client_credentials", ...fields }),
      })
      const body: unknown = JSON.parse(answer.text)
      return { status: answer.status, body: isObject(body) ? body : {} }
    },
  }
}
