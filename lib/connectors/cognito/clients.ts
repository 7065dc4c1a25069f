import { atMost } from "../../base/at-most.ts"
import { secondMs } from "../../base/time.ts"
import { ConnectorError, type DesiredObject, type FieldChange, type RemoteObject } from "../port.ts"
import { goneIsDone, orNull } from "../gone.ts"
import { unhurried, type Api } from "./api.ts"
import { flow, isEnabled, isServiceClient, ttlSeconds, updateBody, type ClientChange } from "./client-state.ts"
import { directoryOf } from "./directory.ts"
import { listAll } from "./list.ts"
import { clientName, ourName } from "./names.ts"
import { eitherMethod } from "./rules.ts"
import type { Notes } from "./secret-notes.ts"
import { clientAnswer, listedClient, type ListedClient, type RemoteClient } from "./shapes.ts"

/** How long the list of all names answers "not there". A write without a clear answer forgets it at once. */
const directoryMs = 10 * secondMs
/** Three at once stay below five a second as long as the pool answers in its usual time (providers.md 11.7). */
const describesAtOnce = 3
const clientsPerPage = 60
const concurrentMax = 3

export interface Clients {
  /** Every service client under its key, each described: the list itself tells names only. */
  all(): Promise<ReadonlyMap<string, RemoteClient>>
  /** The service client of this name; null when it is not there. */
  byKey(key: string): Promise<RemoteClient | null>
  byId(clientId: string): Promise<RemoteClient | null>
  find(key: string): Promise<RemoteObject | null>
  create(object: DesiredObject, marker: string): Promise<RemoteObject>
  update(remoteId: string, object: DesiredObject, changes: readonly FieldChange[]): Promise<RemoteObject>
  remove(remoteId: string, key: string): Promise<void>
  /** Describes it, and writes it back with this one change. Throws `not_found` where it is gone. */
  change(clientId: string, step: string, of: (now: RemoteClient) => ClientChange): Promise<RemoteClient>
}

/** `existing` tells which of these wire scopes a resource server of the pool has. */
export function clientsPort(
  api: Api,
  notes: Notes,
  existing: (scopes: readonly string[]) => Promise<readonly string[]>,
): Clients {
  let known: { readonly directory: Map<string, ListedClient>; readonly at: number } | null = null
  const describing = atMost(describesAtOnce)

  const describe = async (clientId: string): Promise<RemoteClient> =>
    (
      await api(
        {
          step: "read client",
          kind: "read",
          operation: "DescribeUserPoolClient",
          input: { ClientId: clientId },
        },
        clientAnswer,
      )
    ).UserPoolClient

  async function listed(): Promise<ReadonlyMap<string, ListedClient>> {
    const list = { step: "list clients", operation: "ListUserPoolClients", member: "UserPoolClients" }
    const directory = directoryOf(await listAll(api, { ...list, input: { MaxResults: clientsPerPage } }, listedClient))
    known = { directory: new Map(directory), at: Date.now() }
    return directory
  }

  const isFresh = (): boolean => known !== null && Date.now() - known.at < directoryMs

  async function byKey(key: string): Promise<RemoteClient | null> {
    const entry = known?.directory.get(key)
    if (entry) {
      const now = await orNull(describe(entry.ClientId))
      if (now && isNamedAlike(now, entry)) return serviceOnly(now)
    } else if (isFresh()) return null
    const again = (await listed()).get(key)
    return again ? serviceOnly(await orNull(describe(again.ClientId))) : null
  }

  /** Update, Describe, Update: for as long as somebody else writes at the same time, and once more without scopes that are gone. */
  const change: Clients["change"] = async (clientId, step, of) => {
    for (let tries = 1; ; tries++) {
      const now = await describe(clientId)
      const wanted = of(now)
      try {
        return await put(step, updateBody(now, wanted))
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error
        if (error.code === "conflict" && error.providerCode === concurrent && tries < concurrentMax) continue
        if (error.providerCode !== scopeGone) throw error
        const asked = wanted.scopes ?? now.AllowedOAuthScopes
        const there = new Set(await existing(asked))
        // What was there before and is inactive goes; what is asked for now and not there is a refusal.
        const scopes = asked.filter((scope) => there.has(scope) || !now.AllowedOAuthScopes.includes(scope))
        if (scopes.length === asked.length) throw error
        return await put(step, updateBody(now, { ...wanted, scopes }))
      }
    }
  }

  const put = async (step: string, input: Record<string, unknown>): Promise<RemoteClient> =>
    (await api({ step, kind: "write", operation: "UpdateUserPoolClient", input }, clientAnswer)).UserPoolClient

  return {
    async all() {
      const entries = [...(await listed())]
      const described = await Promise.all(
        entries.map(([key, { ClientId }]) =>
          describing(async () => [key, await unhurried(() => orNull(describe(ClientId)))] as const),
        ),
      )
      // One that was deleted meanwhile is gone, and a person's sign-in client is nobody's business.
      return new Map(
        described.flatMap(([key, client]) => (client !== null && isServiceClient(client) ? [[key, client]] : [])),
      )
    },
    byKey,
    byId: (clientId) => orNull(describe(clientId)),
    async find(key) {
      const client = await byKey(key)
      return client && clientOf(key, client)
    },
    async create(object, marker) {
      const step = "create client"
      // Read afresh right before: names are not unique here, and somebody may have been faster than us.
      if ((await listed()).has(object.key))
        throw new ConnectorError(
          "conflict",
          step,
          "A client of this name is there already; Cognito would make a second.",
        )
      await notes.remember(object.key, marker)
      const call = {
        step,
        kind: "create",
        operation: "CreateUserPoolClient",
        input: newClient(object, marker),
      } as const
      const before = known
      // Until its answer is clear nobody knows what is there.
      known = null
      const { UserPoolClient: made } = await api(call, clientAnswer)
      before?.directory.set(object.key, made)
      known = before
      return clientOf(object.key, made)
    },
    async update(remoteId, { key }, changes) {
      const to = new Map(changes.map((one) => [one.field, one.to]))
      const enabled = to.get("enabled")
      const seconds = to.get("token_ttl_seconds")
      const done = await change(remoteId, "update client", () => ({
        ...(typeof enabled === "boolean" ? { enabled } : {}),
        ...(typeof seconds === "number" ? { ttlSeconds: seconds } : {}),
      }))
      return clientOf(key, done)
    },
    async remove(remoteId, key) {
      known = null
      const input = { ClientId: remoteId }
      await goneIsDone(api({ step: "remove client", kind: "write", operation: "DeleteUserPoolClient", input }, null))
      await notes.forget(remoteId, key)
    },
    change,
  }
}

const concurrent = "ConcurrentModificationException"
const scopeGone = "ScopeDoesNotExistException"

/** The same name of ours, or, without one, the same name. */
const isNamedAlike = (a: ListedClient, b: ListedClient): boolean =>
  (ourName(a.ClientName)?.key ?? a.ClientName) === (ourName(b.ClientName)?.key ?? b.ClientName)

const serviceOnly = (client: RemoteClient | null): RemoteClient | null =>
  client !== null && isServiceClient(client) ? client : null

/** Off until it has a scope: Cognito takes no client that is switched on without one. AWS makes its first secret. */
function newClient({ key, fields }: DesiredObject, marker: string): Record<string, unknown> {
  const { enabled, token_ttl_seconds: seconds } = fields
  return {
    ClientName: clientName({ key, marker, enabled: enabled !== false }),
    GenerateSecret: true,
    AllowedOAuthFlows: [flow],
    AllowedOAuthFlowsUserPoolClient: false,
    ExplicitAuthFlows: [],
    ...(typeof seconds === "number"
      ? { AccessTokenValidity: seconds, TokenValidityUnits: { AccessToken: "seconds" } }
      : {}),
  }
}

export function clientOf(key: string, client: RemoteClient): RemoteObject {
  const ours = ourName(client.ClientName)
  const told = { enabled: isEnabled(client), token_ttl_seconds: ttlSeconds(client) }
  const unknown = Object.entries(told).flatMap(([field, value]) => (value === null ? [field] : []))
  return {
    kind: "client",
    key,
    remoteId: client.ClientId,
    marked: ours !== null,
    marker: ours?.marker ?? null,
    fields: {
      auth_method: eitherMethod,
      ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
    },
    ...(unknown.length === 0 ? {} : { unknown }),
  }
}
