import { spread } from "../../base/spread.ts"
import { ConnectorError } from "../connector-error.ts"
import { grantKey, splitGrantKey, type DesiredObject, type RemoteObject } from "../objects.ts"
import { goneIsDone, orNull } from "../gone.ts"
import { readsAtOnce, type Session } from "./api.ts"
import { grantType } from "./app.ts"
import { serverPath, type Audiences } from "./audiences.ts"
import { effective, grantPolicies, isFor, strangers, type PolicyWithRules } from "./effective.ts"
import { markedDescription, markerOf, policyName } from "./marker.ts"
import { shadowsOf } from "./shadows.ts"
import { writable } from "./writable.ts"
import { remotePolicy, remoteRule, type RemotePolicy, type RemoteRule, type RemoteServer } from "./shapes.ts"

export interface Grants {
  observe(servers: ReadonlyMap<string, RemoteServer>): Promise<readonly RemoteObject[]>
  find(key: string): Promise<RemoteObject | null>
  create(object: DesiredObject, marker: string): Promise<RemoteObject>
  update(remoteId: string, object: DesiredObject): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
  /** What the check tells of the policies on these servers. */
  shadows(servers: ReadonlyMap<string, RemoteServer>): Promise<readonly string[]>
}

const ruleName = "m2m"
/** Each leads to reads of its own. */
const serversAtOnce = 2
/** Of policies and rules. */
const theirs = ["id", "created", "lastUpdated", "_links", "system"]

/**
 * A grant is one policy for one client with one rule. Its fields are what tokens would show: a policy above ours decides
 * over it, and shows as drift. Our updates put ours first again. Writes on one server wait for each other: two changes of
 * priority at once would race.
 */
export function grantsPort({ api, list }: Session, audiences: Audiences): Grants {
  const policiesPath = (server: string): string => `${serverPath(server)}/policies`
  const policyPath = (server: string, id: string): string => `${policiesPath(server)}/${encodeURIComponent(id)}`
  const rulesPath = (server: string, id: string): string => `${policyPath(server, id)}/rules`
  const policiesOf = (server: string) => list({ step: "list policies", path: policiesPath(server) }, remotePolicy)
  const rulesOf = (server: string, id: string) => list({ step: "list rules", path: rulesPath(server, id) }, remoteRule)
  const queue = oneByOne()

  async function withRules(server: string, policies: readonly RemotePolicy[]): Promise<readonly PolicyWithRules[]> {
    return await spread(policies, readsAtOnce, async (policy) => ({
      ...policy,
      rules: await rulesOf(server, policy.id),
    }))
  }

  async function grantOf(audience: string, client: string, server: RemoteServer, all: readonly PolicyWithRules[]) {
    const own = grantPolicies(all).get(client)
    if (!own) return null
    const scopes = await audiences.scopesOf(server)
    return objectOf({ audience, client, server, own, all, scopes: scopes.map(({ name }) => name) })
  }

  async function found(audience: string, client: string, server: RemoteServer): Promise<RemoteObject | null> {
    const policies = await policiesOf(server.id)
    if (!grantPolicies(policies).has(client)) return null
    const concerned = policies.filter((policy) => isFor(policy, client))
    return await grantOf(audience, client, server, await withRules(server.id, concerned))
  }

  async function serverOf(audience: string, step: string): Promise<RemoteServer> {
    const server = await audiences.byKey(audience)
    if (server) return server
    throw new ConnectorError("not_found", step, "The authorization server of this audience is not there.")
  }

  async function putPolicy(server: string, policy: RemotePolicy, step: string): Promise<void> {
    const json = { ...writable(policy, theirs), status: "ACTIVE", priority: 1 }
    await api({ step, kind: "write", method: "PUT", path: policyPath(server, policy.id), json }, remotePolicy)
  }

  async function putRule(
    server: string,
    policy: string,
    rules: readonly RemoteRule[],
    object: DesiredObject,
    step: string,
  ) {
    const [rule] = rules
    if (!rule) {
      const json = ruleBody(object)
      await api({ step, kind: "create", method: "POST", path: rulesPath(server, policy), json }, remoteRule)
      return
    }
    const path = `${rulesPath(server, policy)}/${encodeURIComponent(rule.id)}`
    await api({ step, kind: "write", method: "PUT", path, json: ruleBody(object, rule) }, remoteRule)
  }

  return {
    async observe(servers) {
      const perServer = await spread([...servers], serversAtOnce, async ([audience, server]) => {
        const all = await withRules(server.id, await policiesOf(server.id))
        const scopes = (await audiences.scopesOf(server)).map(({ name }) => name)
        return [...grantPolicies(all)].map(([client, own]) => objectOf({ audience, client, server, own, all, scopes }))
      })
      return perServer.flat()
    },
    async find(key) {
      const { client, audience } = splitGrantKey(key)
      const server = await audiences.byKey(audience)
      return server && (await orNull(found(audience, client, server)))
    },
    async create(object, marker) {
      const step = "create policy"
      const { client, audience } = splitGrantKey(object.key)
      const server = await serverOf(audience, step)
      return await queue(server.id, async () => {
        const there = await policiesOf(server.id)
        if (grantPolicies(there).has(client))
          throw new ConnectorError("conflict", step, "A policy for this client is there already.")
        const json = {
          type: "OAUTH_AUTHORIZATION_POLICY",
          status: "ACTIVE",
          name: policyName(client),
          description: markedDescription(marker),
          priority: 1,
          conditions: { clients: { include: [client] } },
        }
        const path = policiesPath(server.id)
        const policy = await api({ step, kind: "create", method: "POST", path, json }, remotePolicy)
        await putRule(server.id, policy.id, [], object, step)
        return await present(step, found(audience, client, server))
      })
    },
    async update(remoteId, object) {
      const step = "update policy"
      const { server: serverId, policy: policyId } = partsOf(remoteId)
      const { client, audience } = splitGrantKey(object.key)
      return await queue(serverId, async () => {
        const server = await serverOf(audience, step)
        const all = await policiesOf(serverId)
        const policy = all.find(({ id }) => id === policyId)
        if (!policy) throw new ConnectorError("not_found", step, "The policy of this grant is not there any more.")
        const rules = await rulesOf(serverId, policyId)
        ownAlone(policy, rules, step)
        const concerned = await withRules(
          serverId,
          all.filter((one) => isFor(one, client)),
        )
        const first = strangers(concerned, { ...policy, rules }, client).above.length === 0
        if (!first || policy.status !== "ACTIVE") await putPolicy(serverId, policy, step)
        await putRule(serverId, policyId, rules, object, step)
        if (server.status === "INACTIVE" && markerOf(server.description) !== null) await audiences.activate(server)
        return await present(
          step,
          serverOf(audience, step).then((now) => found(audience, client, now)),
        )
      })
    },
    async remove(remoteId) {
      const step = "remove policy"
      const { server, policy } = partsOf(remoteId)
      await queue(server, async () => {
        const read = { step, kind: "read", method: "GET", path: policyPath(server, policy) } as const
        const there = await orNull(api(read, remotePolicy))
        if (!there) return
        const rules = await rulesOf(server, policy)
        ownAlone(there, rules, step)
        for (const { id } of rules) {
          const path = `${rulesPath(server, policy)}/${encodeURIComponent(id)}`
          await goneIsDone(api({ step, kind: "write", method: "DELETE", path }, null))
        }
        await goneIsDone(api({ step, kind: "write", method: "DELETE", path: policyPath(server, policy) }, null))
      })
    },
    async shadows(servers) {
      const sentences = await spread([...servers], readsAtOnce, async ([audience, { id }]) =>
        shadowsOf(audience, await withRules(id, await policiesOf(id))),
      )
      return sentences.flat()
    },
  }
}

interface Seen {
  readonly audience: string
  readonly client: string
  readonly server: RemoteServer
  readonly own: PolicyWithRules
  readonly all: readonly PolicyWithRules[]
  readonly scopes: readonly string[]
}

function objectOf({ audience, client, server, own, all, scopes }: Seen): RemoteObject {
  const asleep = server.status === "INACTIVE"
  const told = effective(client, own, all, scopes)
  const marker = markerOf(own.description)
  return {
    kind: "grant",
    key: grantKey(client, audience),
    remoteId: `${server.id}/${own.id}`,
    marked: marker !== null,
    marker,
    fields: { scopes: asleep ? [] : told.scopes, token_ttl_seconds: told.ttlSeconds },
  }
}

function partsOf(remoteId: string): { server: string; policy: string } {
  const [server = "", policy = ""] = remoteId.split("/")
  return { server, policy }
}

/** A policy that others share is theirs too: what we wrote would change their tokens. */
function ownAlone(policy: RemotePolicy, rules: readonly RemoteRule[], step: string): void {
  if ((policy.conditions?.clients?.include ?? []).length === 1 && rules.length <= 1) return
  throw new ConnectorError(
    "unsupported",
    step,
    "This policy has several clients or rules. Give the client a policy of its own at Okta first.",
  )
}

function ruleBody({ fields }: DesiredObject, rule?: RemoteRule): Record<string, unknown> {
  return {
    ...writable(rule ?? {}, theirs),
    type: "RESOURCE_ACCESS",
    name: rule?.name ?? ruleName,
    status: "ACTIVE",
    priority: rule?.priority ?? 1,
    conditions: {
      people: { groups: { include: ["EVERYONE"] } },
      ...writable(rule?.conditions ?? {}),
      grantTypes: { include: [grantType] },
      scopes: { include: fields.scopes },
    },
    actions: {
      token: {
        refreshTokenLifetimeMinutes: 0,
        refreshTokenWindowMinutes: 10_080,
        ...writable(rule?.actions?.token ?? {}),
        accessTokenLifetimeMinutes: Number(fields.token_ttl_seconds) / 60,
      },
    },
  }
}

async function present(step: string, found: Promise<RemoteObject | null>): Promise<RemoteObject> {
  const object = await found
  if (object) return object
  throw new ConnectorError("not_found", step, "Okta does not have the policy that was just written.")
}

/** Runs what belongs to one name one after the other. */
function oneByOne(): <T>(name: string, run: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>()
  return async (name, run) => {
    const before = tails.get(name) ?? Promise.resolve()
    const mine = before.then(run, run)
    tails.set(name, mine)
    try {
      return await mine
    } finally {
      if (tails.get(name) === mine) tails.delete(name)
    }
  }
}
