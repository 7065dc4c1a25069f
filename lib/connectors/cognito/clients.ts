import { spread } from "../../base/spread.ts"
import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import { directory } from "../directory.ts"
import { goneIsDone, orNull } from "../gone.ts"
import { unhurried, type Api } from "./api.ts"
import { flow, isEnabled, isServiceClient, ttlSeconds, updateBody, type ClientChange } from "./client-state.ts"
import { directoryOf } from "./directory.ts"
import { listAll } from "./list.ts"
import { clientName, ourName } from "./names.ts"
import type { Notes } from "./notes.ts"
import { eitherMethod } from "./rules.ts"
import { clientAnswer, listedClient, type ListedClient, type RemoteClient } from "./shapes.ts"

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

  const list = { step: "list clients", operation: "ListUserPoolClients", member: "UserPoolClients" }
  const names = directory<ListedClient>(
    () => listAll(api, { ...list, input: { MaxResults: clientsPerPage } }, listedClient),
    directoryOf,
    ({ ClientId }) => ClientId,
  )

  async function byKey(key: string): Promise<RemoteClient | null> {
    const entry = names.seen(key)
    if (entry) {
      const now = await orNull(describe(entry.ClientId))
      if (now && isNamedAlike(now, entry)) return serviceOnly(now)
    }
    const found = (await (entry ? names.fresh() : names.recent())).get(key)
    return found ? serviceOnly(await orNull(describe(found.ClientId))) : null
  }

  /** Update, Describe, Update: for as long as somebody else writes at the same time, and once more without scopes that are gone. */
  const change: Clients["change"] = async (clientId, step, of) => {
    for (let tries = 1; ; tries++) {
      const now = await describe(clientId)
      const meant = of(now)
      const wanted = { ...meant, enabled: meant.enabled ?? isEnabled(now) ?? (await notes.wantedOn(clientId)) }
      try {
        return await put(step, now, wanted)
      } catch (error) {
        if (!(error instanceof ConnectorError)) throw error
        if (error.code === "conflict" && error.providerCode === concurrent && tries < concurrentMax) continue
        if (error.providerCode !== scopeGone) throw error
        const asked = wanted.scopes ?? now.AllowedOAuthScopes
        const there = new Set(await existing(asked))
        // What was there before and is inactive goes; what is asked for now and not there is a refusal.
        const scopes = asked.filter((scope) => there.has(scope) || !now.AllowedOAuthScopes.includes(scope))
        if (scopes.length === asked.length) throw error
        return await put(step, now, { ...wanted, scopes })
      }
    }
  }

  /**
   * No client without a scope can be on. Of one of ours the name says meanwhile whether it should be; of any other we
   * remember it, from before its last scope goes until it has one again.
   */
  async function put(
    step: string,
    now: RemoteClient,
    wanted: ClientChange & { readonly enabled: boolean },
  ): Promise<RemoteClient> {
    const isIdle = (wanted.scopes ?? now.AllowedOAuthScopes).length === 0
    const isRemembered = ourName(now.ClientName) === null && (isIdle || now.AllowedOAuthScopes.length === 0)
    const wantedOn = isIdle && wanted.enabled
    if (isRemembered && wantedOn) await notes.keepWantedOn(now.ClientId, true)
    const input = updateBody(now, wanted)
    const { UserPoolClient: done } = await api(
      { step, kind: "write", operation: "UpdateUserPoolClient", input },
      clientAnswer,
    )
    if (isRemembered && !wantedOn) await notes.keepWantedOn(now.ClientId, false)
    return done
  }

  return {
    async all() {
      const described = await spread(
        [...(await names.fresh())],
        describesAtOnce,
        async ([key, { ClientId }]) => [key, await unhurried(() => orNull(describe(ClientId)))] as const,
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
      if ((await names.recent()).has(object.key))
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
      const made = await names.making(
        object.key,
        api(call, clientAnswer).then(({ UserPoolClient }) => UserPoolClient),
      )
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
      const input = { ClientId: remoteId }
      const call = { step: "remove client", kind: "write", operation: "DeleteUserPoolClient", input } as const
      await names.removing(remoteId, goneIsDone(api(call, null)))
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
