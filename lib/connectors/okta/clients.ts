import { ConnectorError } from "../connector-error.ts"
import type { DesiredObject, FieldChange, RemoteObject } from "../objects.ts"
import { directory } from "../directory.ts"
import { goneIsDone, orNull } from "../gone.ts"
import { recoded } from "../recoded.ts"
import type { Session } from "./api.ts"
import { changedApp, clientOf, isServiceApp, keyOfApp, newApp } from "./app.ts"
import { remoteApp, type RemoteApp } from "./shapes.ts"

/** Okta filters by name only, so everything else is looked at here. */
const listPath = `/api/v1/apps?${new URLSearchParams({ filter: 'name eq "oidc_client"', includeNonDeleted: "true", limit: "200" }).toString()}`
export const appPath = (id: string): string => `/api/v1/apps/${encodeURIComponent(id)}`

export interface Clients {
  /** Every service app, read afresh. */
  all(): Promise<readonly RemoteApp[]>
  /** The app whose client_id this is; null when it is not there. */
  byKey(key: string): Promise<RemoteApp | null>
  create(object: DesiredObject, marker: string): Promise<RemoteObject>
  update(remoteId: string, changes: readonly FieldChange[]): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
  /** Replaces the whole app. Never with a secret. */
  put(id: string, json: Readonly<Record<string, unknown>>, step: string): Promise<RemoteApp>
}

/** Apps of the kind oidc_client. Their client_id is our name of the client, chosen at create and never changed. */
export function clientsPort(
  { api, list }: Session,
  ownClientId: string | undefined,
  forgetSecrets: (app: string) => Promise<void>,
  now: () => Date,
): Clients {
  const apps = directory<RemoteApp>(
    async () =>
      (await list({ step: "list apps", path: listPath }, remoteApp)).filter((app) => isServiceApp(app, ownClientId)),
    byClientId,
    ({ id }) => id,
  )
  const read = (id: string) => api({ step: "read app", kind: "read", method: "GET", path: appPath(id) }, remoteApp)

  async function byKey(key: string): Promise<RemoteApp | null> {
    const listed = apps.seen(key) ?? (await apps.recent()).get(key)
    if (!listed) return null
    const told = await orNull(read(listed.id))
    if (told && keyOfApp(told) === key && told.status !== "DELETED") return told
    return (await apps.fresh()).get(key) ?? null
  }

  async function spared(id: string, step: string): Promise<RemoteApp> {
    const app = await read(id)
    if (keyOfApp(app) !== ownClientId) return app
    throw new ConnectorError("unsupported", step, "This is the app by which Grantry itself logs in.")
  }

  const lifecycle = (id: string, to: "activate" | "deactivate", step: string): Promise<null> =>
    api({ step, kind: "write", method: "POST", path: `${appPath(id)}/lifecycle/${to}` }, null)

  const put: Clients["put"] = (id, json, step) =>
    api({ step, kind: "write", method: "PUT", path: appPath(id), json }, remoteApp)

  return {
    all: async () => [...(await apps.fresh()).values()],
    byKey,
    put,
    async create(object, marker) {
      const step = "create app"
      const path = `/api/v1/apps?activate=${String(object.fields.enabled !== false)}`
      const json = newApp(object, marker, now())
      try {
        return clientOf(
          await apps.making(object.key, api({ step, kind: "create", method: "POST", path, json }, remoteApp)),
        )
      } catch (error) {
        // A taken client_id is one of several things that Okta calls invalid; whether it is this one shows in the list.
        if (!(error instanceof ConnectorError && error.code === "invalid") || !(await apps.fresh()).has(object.key))
          throw error
        throw recoded(error, { code: "conflict", message: "An app with this client_id is there already." })
      }
    },
    async update(remoteId, changes) {
      const step = "update app"
      const app = await spared(remoteId, step)
      const enabled = changes.find(({ field }) => field === "enabled")?.to
      if (enabled === false) await lifecycle(remoteId, "deactivate", step)
      if (changes.some(({ field }) => field !== "enabled")) await put(remoteId, changedApp(app, changes, now()), step)
      if (enabled === true) await lifecycle(remoteId, "activate", step)
      return clientOf(await read(remoteId))
    },
    async remove(remoteId) {
      const step = "remove app"
      const app = await orNull(spared(remoteId, step))
      const erase = async () => {
        if (!app) return
        // Okta deletes only what is switched off.
        if (app.status !== "INACTIVE") await goneIsDone(lifecycle(remoteId, "deactivate", step))
        await goneIsDone(api({ step, kind: "write", method: "DELETE", path: appPath(remoteId) }, null))
      }
      await apps.removing(remoteId, erase())
      await forgetSecrets(remoteId)
    },
  }
}

/** Of two that call themselves alike the first listed one has the name. */
function byClientId(apps: readonly RemoteApp[]): ReadonlyMap<string, RemoteApp> {
  const found = new Map<string, RemoteApp>()
  for (const app of apps) found.set(found.has(keyOfApp(app)) ? app.id : keyOfApp(app), app)
  return found
}
