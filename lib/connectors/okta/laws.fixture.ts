/** What the tests of Okta's laws share: one org for a file, objects under fresh names, and a look at the wire. */
import { afterAll, beforeAll, beforeEach } from "vitest"
import type { GuardedFetch } from "../../base/http.ts"
import type { Json } from "../../base/json.ts"
import { secretsOf, writing } from "../contract-subject.ts"
import { grantKey, type DesiredObject, type FieldChange, type RemoteObject } from "../objects.ts"
import type { Connector } from "../port.ts"
import type { SecretsPort } from "../secrets-port.ts"
import type { WritePort } from "../write-port.ts"
import { fetchToken, localFetch, samples, testOrg, type TestOrg } from "./org.fixture.ts"

interface Fresh {
  readonly audience: DesiredObject
  readonly client: DesiredObject
  readonly grant: DesiredObject
}
export interface Placed extends Fresh {
  readonly remoteIds: Readonly<Record<"audience" | "client" | "grant", string>>
}
export interface Sent {
  readonly method: string
  readonly path: string
  readonly body: string
}

export interface Rig {
  readonly org: TestOrg
  open(): Connector
  port(): WritePort
  secrets(): SecretsPort
  /** Shaped, under names that no other test has. */
  fresh(fields?: Readonly<Record<string, Json>>): Fresh
  /** An authorization server, an app and a grant between them, made by us. */
  placed(fields?: Readonly<Record<string, Json>>): Promise<Placed>
  issued(client: string, marker: string): Promise<{ remoteId: string; value: string }>
  /** Asks for a token as this client; the OAuth error or the claims. */
  token(objects: Fresh, secret: string, scopes?: readonly string[]): ReturnType<typeof fetchToken>
  /** Keeps what goes over the wire to the Management API. */
  watched(): { readonly fetch: GuardedFetch; readonly sent: Sent[] }
}

const { audience, client, grant, secretValue } = samples(null)
export const change = (field: string, from: Json, to: Json): readonly FieldChange[] => [{ field, from, to }]

/** Starts an org before the tests of the calling file. */
export function lawRig(): Rig {
  let started: TestOrg | null = null
  let made = 0
  const org = (): TestOrg => {
    if (!started) throw new Error("the org did not start")
    return started
  }
  beforeAll(async () => {
    started = await testOrg()
  })
  afterAll(() => started?.fake.stop())
  beforeEach(() => {
    const { org: state, faults } = org().fake
    faults.clear()
    Object.assign(state.modes, {
      nulls: false,
      apiAccessManagement: true,
      clearSecrets: true,
      perMinute: null,
      pageSize: 200,
    })
  })
  const port = () => writing(org().open())
  const secrets = () => secretsOf(org().open())
  const fresh: Rig["fresh"] = (fields = {}) => {
    const n = ++made
    const names = { client: `svc-orders-${n}`, audience: `https://api.example/${n}` }
    const [api, service, allowed] = org()
      .open()
      .shape([
        { ...audience, key: names.audience },
        { ...client, key: names.client, fields: { ...client.fields, ...fields } },
        { ...grant, key: grantKey(names.client, names.audience) },
      ]).objects
    if (!api || !service || !allowed) throw new Error("nothing was shaped")
    return { audience: api, client: service, grant: allowed }
  }
  return {
    get org() {
      return org()
    },
    open: () => org().open(),
    port,
    secrets,
    fresh,
    async placed(fields) {
      const objects = fresh(fields)
      const make = async (object: DesiredObject): Promise<RemoteObject> => await port().create(object, "p:c")
      const remoteIds = {
        audience: (await make(objects.audience)).remoteId,
        client: (await make(objects.client)).remoteId,
        grant: (await make(objects.grant)).remoteId,
      }
      return { ...objects, remoteIds }
    },
    async issued(name, marker) {
      const value = secretValue()
      const { remoteId } = await secrets().issue({
        client: name,
        value,
        fingerprint: `fp_${marker}`,
        marker,
        expiresAt: null,
      })
      return { remoteId, value }
    },
    async token(objects, secret, scopes = ["payments:write"]) {
      return await fetchToken(objects.client.key, secret, await org().open().tokenRequest(objects.audience.key, scopes))
    },
    watched() {
      const sent: Sent[] = []
      return {
        sent,
        async fetch(url, init) {
          const path = url.slice(org().fake.url.length)
          if (path.startsWith("/api/"))
            sent.push({ method: init?.method ?? "GET", path, body: typeof init?.body === "string" ? init.body : "" })
          return await localFetch(url, init)
        },
      }
    },
  }
}
