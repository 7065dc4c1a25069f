import { sha256 } from "../../base/digest.ts"
import type { Json } from "../../base/json.ts"
import { scopesIn, textOf } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import type { Applications, Entry } from "./applications.ts"
import type { Lifetimes } from "./lifetime.ts"
import { isOurs, managed, tagOf, withTags } from "./names.ts"
import type { Made } from "./patience.ts"
import { roleWrites, scopesOf } from "./roles.ts"
import { ownUriOf } from "./rules.ts"
import type { Application } from "./shapes.ts"

export interface Audiences {
  objectOf(key: string, entry: Entry): Promise<RemoteObject>
  create(object: DesiredObject, marker: string): Promise<RemoteObject>
  update(remoteId: string, object: DesiredObject, changes: readonly FieldChange[]): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
}

/** Tokens whose `aud` is the application's id and whose issuer ends in `/v2.0` (providers.md 4.8). */
const version2 = { requestedAccessTokenVersion: 2 }

/** The identifier below the tenant's own id, where Entra does not take it as it is: readable, and told apart by its digest. */
function aliasOf(key: string, tenantId: string): string {
  const plain = key
    .replace(/^[a-z][a-z0-9+.-]*:(\/\/)?/i, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .slice(0, 100)
  return `${ownUriOf(tenantId)}${plain}-${sha256(key).toString("hex").slice(0, 8)}`
}

/** The URI that a client names when it asks for a token. */
export const uriOf = (key: string, { appId, identifierUris }: Application): string =>
  identifierUris?.find((uri) => uri === key) ?? identifierUris?.[0] ?? appId

/** Audiences: an application with app roles, a service principal that demands assignments, and perhaps a lifetime policy. */
export function audiencesPort(
  apps: Applications,
  lifetimes: Lifetimes,
  own: { readonly instance: string; readonly tenantId: string },
): Audiences {
  /** An API that somebody else made has settings of its own, and none of ours that could be lost. */
  const asMade = ({ app, principal }: Entry): boolean =>
    !isOurs(app, own.instance) ||
    (principal?.appRoleAssignmentRequired === true &&
      app.api?.requestedAccessTokenVersion === version2.requestedAccessTokenVersion)

  function object(key: string, entry: Entry, seconds: number | null): RemoteObject {
    const { app } = entry
    const told: Record<string, Json> = {
      name: app.displayName ?? null,
      scopes: app.appRoles ? scopesOf(app.appRoles) : null,
      token_ttl_seconds: seconds,
      settings_as_made: asMade(entry),
    }
    const unknown = Object.entries(told).flatMap(([field, value]) => (value === null ? [field] : []))
    return {
      kind: "audience",
      key,
      remoteId: app.appId,
      marked: isOurs(app, own.instance),
      marker: tagOf(app, "marker"),
      fields: Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
      ...(unknown.length === 0 ? {} : { unknown }),
    }
  }

  async function writeScopes(app: Application, key: string, wanted: Json | undefined): Promise<Application> {
    const { disabled, final } = roleWrites(app.appRoles ?? [], key, scopesIn(wanted))
    const step = "write scopes"
    const between = disabled === null ? app : await apps.patch(app, { appRoles: [...disabled] }, step)
    return await apps.patch(between, { appRoles: [...final] }, step)
  }

  /** `seconds` that hold from now on; null where we may not write policies. */
  async function tryLifetime(app: Application, wanted: Json | undefined): Promise<Made<number | null>> {
    if (typeof wanted !== "number") return { value: null, lost: null }
    try {
      return { value: wanted, lost: await lifetimes.write(app, wanted) }
    } catch (error) {
      if (error instanceof ConnectorError && error.code === "forbidden") return { value: null, lost: null }
      throw error
    }
  }

  /** First the identifier as it is; where Entra does not take it, the one below the tenant's own id. */
  async function upsert(object: DesiredObject, marker: string): Promise<Made<Application>> {
    const { key, fields } = object
    const { final } = roleWrites([], key, scopesIn(fields.scopes))
    const body = (uri: string) => ({
      displayName: textOf(fields.name),
      signInAudience: "AzureADMyOrg",
      identifierUris: [uri],
      api: version2,
      appRoles: final,
      tags: withTags([managed], { audience: key, instance: own.instance, marker }),
      notes: "Managed by Grantry.",
    })
    try {
      return await apps.upsert("audience", key, body(key))
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.httpStatus !== 400 || error.code !== "invalid") throw error
      return await apps.upsert("audience", key, body(aliasOf(key, own.tenantId)))
    }
  }

  return {
    objectOf: async (key, entry) => object(key, entry, await lifetimes.read(entry.app)),
    async create(wanted, marker) {
      const { key, fields } = wanted
      const made = await upsert(wanted, marker)
      const bare = { app: made.value, principal: null }
      apps.remember("audience", key, bare)
      const required = { appRoleAssignmentRequired: fields.settings_as_made !== false }
      const principal = await apps.bringPrincipal(bare, required, "create audience")
      const entry = { app: made.value, principal: principal.value }
      apps.remember("audience", key, entry)
      const seconds = await tryLifetime(entry.app, fields.token_ttl_seconds)
      const lost = made.lost ?? principal.lost ?? seconds.lost
      if (lost) throw lost
      return object(key, entry, seconds.value)
    },
    async update(remoteId, { key }, changes) {
      const step = "update audience"
      const to = new Map(changes.map((change) => [change.field, change.to]))
      const now = await apps.byAppId(remoteId, step)
      const kept = to.get("settings_as_made")
      let app = await apps.patch(
        now.app,
        {
          ...(to.has("name") ? { displayName: textOf(to.get("name")) } : {}),
          ...(kept === true ? { api: { ...now.app.api, ...version2 } } : {}),
          tags: withTags(now.app.tags ?? [], { audience: key }),
        },
        step,
      )
      if (to.has("scopes")) app = await writeScopes(app, key, to.get("scopes"))
      const ttl = to.get("token_ttl_seconds")
      const lifetime = typeof ttl === "number" ? await lifetimes.write(app, ttl) : null
      const principal =
        kept === undefined
          ? { value: now.principal, lost: null }
          : await apps.bringPrincipal({ ...now, app }, { appRoleAssignmentRequired: kept === true }, step)
      const entry = { app, principal: principal.value }
      apps.remember("audience", key, entry)
      const lost = principal.lost ?? lifetime
      if (lost) throw lost
      return object(key, entry, typeof ttl === "number" ? ttl : await lifetimes.read(app))
    },
    async remove(remoteId) {
      const step = "remove audience"
      try {
        await lifetimes.drop((await apps.byAppId(remoteId, step)).app)
      } catch (error) {
        if (!(error instanceof ConnectorError) || error.code !== "not_found") throw error
      }
      await apps.remove(remoteId, step)
    },
  }
}
