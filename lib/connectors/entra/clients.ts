import type { Json } from "../../base/json.ts"
import { textOf } from "../fields.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import type { Applications, Entry } from "./applications.ts"
import { isOurs, managed, tagOf, withTags } from "./names.ts"
import type { Application } from "./shapes.ts"

/** A client proves itself by either form of a secret (RFC 6749 section 2.3.1); which one its service uses is remembered here. */
const usual = "client_secret_post"

/** A client with certificates or federated credentials only is told by a word of its own; Grantry does not manage it. */
const authMethodOf = (app: Application): string =>
  (app.passwordCredentials?.length ?? 0) === 0 && (app.keyCredentials?.length ?? 0) > 0
    ? "certificate"
    : (tagOf(app, "auth") ?? usual)

/** Null: Graph did not tell. Without a service principal a client gets no token at all. */
function enabledOf({ app, principal }: Entry): boolean | null {
  if (principal === null || app.isDisabled === true) return false
  return principal.accountEnabled ?? null
}

export function clientOf(key: string, entry: Entry, instance: string): RemoteObject {
  const { app } = entry
  const told: Record<string, Json> = {
    display_name: app.displayName ?? null,
    owner: tagOf(app, "owner") ?? "",
    auth_method: authMethodOf(app),
    enabled: enabledOf(entry),
  }
  const unknown = Object.entries(told).flatMap(([field, value]) => (value === null ? [field] : []))
  return {
    kind: "client",
    key,
    remoteId: app.appId,
    marked: isOurs(app, instance),
    marker: tagOf(app, "marker"),
    fields: Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
    ...(unknown.length === 0 ? {} : { unknown }),
  }
}

export async function createClient(
  apps: Applications,
  { key, fields }: DesiredObject,
  marker: string,
  instance: string,
): Promise<RemoteObject> {
  const step = "create client"
  const tags = withTags([managed], {
    client: key,
    instance,
    marker,
    owner: textOf(fields.owner),
    auth: textOf(fields.auth_method),
  })
  const made = await apps.upsert("client", key, {
    displayName: textOf(fields.display_name),
    signInAudience: "AzureADMyOrg",
    tags,
    notes: "Managed by Grantry.",
  })
  const bare = { app: made.value, principal: null }
  apps.remember("client", key, bare)
  const principal = await apps.bringPrincipal(bare, { accountEnabled: fields.enabled !== false }, step)
  const entry = { app: made.value, principal: principal.value }
  apps.remember("client", key, entry)
  const lost = made.lost ?? principal.lost
  if (lost) throw lost
  return clientOf(key, entry, instance)
}

/** An adopted client gets its name with the first change, never our mark. */
export async function updateClient(
  apps: Applications,
  remoteId: string,
  { key }: DesiredObject,
  changes: readonly FieldChange[],
  instance: string,
): Promise<RemoteObject> {
  const step = "update client"
  const now = await apps.byAppId(remoteId, step)
  const to = new Map(changes.map((change) => [change.field, change.to]))
  const tags = withTags(now.app.tags ?? [], {
    client: key,
    ...(to.has("owner") ? { owner: textOf(to.get("owner")) } : {}),
    ...(to.has("auth_method") ? { auth: textOf(to.get("auth_method")) } : {}),
  })
  const app = await apps.patch(
    now.app,
    {
      ...(to.has("display_name") ? { displayName: textOf(to.get("display_name")) } : {}),
      ...(to.get("enabled") === true && now.app.isDisabled === true ? { isDisabled: false } : {}),
      tags,
    },
    step,
  )
  const principal = to.has("enabled")
    ? await apps.bringPrincipal({ ...now, app }, { accountEnabled: to.get("enabled") !== false }, step)
    : { value: now.principal, lost: null }
  const entry = { app, principal: principal.value }
  apps.remember("client", key, entry)
  if (principal.lost) throw principal.lost
  return clientOf(key, entry, instance)
}
