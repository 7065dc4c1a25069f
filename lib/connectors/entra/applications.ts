import { minuteMs, secondMs } from "../../base/time.ts"
import { ConnectorError } from "../connector-error.ts"
import { recoded } from "../recoded.ts"
import { goneIsDone, orNull } from "../gone.ts"
import { quoted, type Graph } from "./graph.ts"
import { listAll, lowPriority, pageSize } from "./list.ts"
import { keyed, kindsOf, tagOf, uniqueNameOf, type AppKind } from "./names.ts"
import { sure, untilKnown, type Made, type Sleep } from "./patience.ts"
import {
  application,
  applicationFields,
  principal,
  principalFields,
  type Application,
  type Principal,
} from "./shapes.ts"

/** An application and its service principal in this tenant; without one it gets no tokens. */
export interface Entry {
  readonly app: Application
  readonly principal: Principal | null
}

export interface Directory {
  readonly audience: ReadonlyMap<string, Entry>
  readonly client: ReadonlyMap<string, Entry>
}

export interface Applications {
  /** Every application of the tenant under its key, read afresh. */
  directory(): Promise<Directory>
  /** One object by our key; null when it is not there. */
  find(kind: AppKind, key: string): Promise<Entry | null>
  /** By the id that we keep; throws `not_found`. */
  byAppId(appId: string, step: string): Promise<Entry>
  /** Throws `conflict` where the name is taken, also by what was deleted less than 30 days ago. */
  upsert(kind: AppKind, key: string, body: Readonly<Record<string, unknown>>): Promise<Made<Application>>
  /** Changes properties of an application and answers it as it is then. */
  patch(app: Application, body: Partial<Application>, step: string): Promise<Application>
  /** Makes the service principal where it is missing, else changes it. */
  bringPrincipal(entry: Entry, body: Readonly<Partial<Principal>>, step: string): Promise<Made<Principal>>
  /** Tells what was made or changed a moment ago, so that a stale read does not hide it. */
  remember(kind: AppKind, key: string, entry: Entry): void
  remove(appId: string, step: string): Promise<void>
}

/** How long a list of everything answers "not there". */
const directoryMs = 10 * secondMs
/** Replication takes up to about two minutes (providers.md 4.2). */
const freshMs = 2 * minuteMs

export function applications(
  graph: Graph,
  own: { readonly clientId: string; readonly instance: string },
  sleep: Sleep,
): Applications {
  let known: { readonly directory: Directory; readonly at: number } | null = null
  const fresh = new Map<string, { readonly entry: Entry; readonly at: number }>()
  const at = (app: Pick<Application, "id">): string => `/applications/${encodeURIComponent(app.id)}`
  const named = (kind: AppKind, key: string): string => `/applications(uniqueName=${quoted(uniqueNameOf(kind, key))})`
  const isOther = ({ appId }: Application): boolean => appId !== own.clientId

  const read = (path: string, step: string): Promise<Application> =>
    graph({ step, kind: "read", method: "GET", path: `${path}?$select=${applicationFields}` }, application)

  const principalOf = (appId: string): Promise<Principal | null> => {
    const path = `/servicePrincipals(appId=${quoted(appId)})?$select=${principalFields}`
    return orNull(graph({ step: "read service principal", kind: "read", method: "GET", path }, principal))
  }
  const withPrincipal = async (app: Application): Promise<Entry> => ({ app, principal: await principalOf(app.appId) })

  async function directory(): Promise<Directory> {
    const top = `$top=${pageSize}`
    const [apps, principals] = await Promise.all([
      listAll(
        graph,
        {
          step: "list applications",
          path: `/applications?$select=${applicationFields}&${top}`,
          headers: lowPriority,
        },
        application,
      ),
      listAll(
        graph,
        {
          step: "list service principals",
          path: `/servicePrincipals?$select=${principalFields}&${top}`,
          headers: lowPriority,
        },
        principal,
      ),
    ])
    const byApp = new Map(principals.map((one) => [one.appId, one]))
    const entries = (kind: AppKind): ReadonlyMap<string, Entry> =>
      new Map(
        [...keyed(apps.filter(isOther), kind, own.instance)].map(([key, app]) => [
          key,
          { app, principal: byApp.get(app.appId) ?? null },
        ]),
      )
    const answer = { audience: entries("audience"), client: entries("client") }
    known = { directory: answer, at: Date.now() }
    return answer
  }

  /** What stands under our natural key, unless its tags say that it is something else by now. */
  async function byName(kind: AppKind, key: string): Promise<Application | null> {
    const app = await orNull(read(named(kind, key), `read ${kind}`))
    return app !== null && (tagOf(app, kind) ?? key) === key && kindsOf(app).includes(kind) ? app : null
  }

  async function byList(kind: AppKind, key: string): Promise<Entry | null> {
    const listed = known?.directory[kind].get(key)
    if (listed) {
      const now = await orNull(read(`/applications(appId=${quoted(listed.app.appId)})`, `read ${kind}`))
      const same = now !== null && tagOf(now, kind) === tagOf(listed.app, kind)
      if (same && (tagOf(now, kind) !== null || now.displayName === listed.app.displayName))
        return await withPrincipal(now)
    } else if (known && Date.now() - known.at < directoryMs) return null
    return (await directory())[kind].get(key) ?? null
  }

  function recent(kind: AppKind, key: string): Entry | null {
    const found = fresh.get(`${kind} ${key}`)
    return found && Date.now() - found.at < freshMs ? found.entry : null
  }

  async function find(kind: AppKind, key: string): Promise<Entry | null> {
    const app = await byName(kind, key)
    if (app === null) return await byList(kind, key)
    const entry = await withPrincipal(app)
    // The application is known already and its principal not yet: ours is the younger news.
    const young = entry.principal === null ? recent(kind, key) : null
    return young?.app.appId === app.appId ? { app, principal: young.principal } : entry
  }

  return {
    directory,
    async find(kind, key) {
      return (await find(kind, key)) ?? recent(kind, key)
    },
    async byAppId(appId, step) {
      const app = await orNull(read(`/applications(appId=${quoted(appId)})`, step))
      if (app) return await withPrincipal(app)
      const young = [...fresh.values()].find(({ entry }) => entry.app.appId === appId)
      if (young && Date.now() - young.at < freshMs) return young.entry
      throw new ConnectorError("not_found", step, "The provider does not have this object.")
    },
    async upsert(kind, key, body) {
      const step = `create ${kind}`
      if (await find(kind, key)) throw new ConnectorError("conflict", step, "An object of this name is there already.")
      const path = named(kind, key)
      const created = sure(
        async () => {
          const headers = { prefer: "create-if-missing, return=representation" }
          const told = await graph(
            { step, kind: "create", method: "PATCH", path, headers, json: body },
            application.optional(),
          )
          // 204: it was there by then, made by an earlier try whose answer was lost.
          const app = told ?? (await byName(kind, key))
          if (app) return app
          throw new ConnectorError("lost_answer", step, "The provider said yes and shows nothing.")
        },
        () => byName(kind, key),
        sleep,
      )
      try {
        return await created
      } catch (error) {
        throw await explained(error, uniqueNameOf(kind, key), body.identifierUris, step)
      }
    },
    async patch(app, body, step) {
      if (app.appId === own.clientId) throw ownApplication(step)
      await untilKnown(() => graph({ step, kind: "write", method: "PATCH", path: at(app), json: body }, null), sleep)
      return { ...app, ...body }
    },
    async bringPrincipal({ app, principal: now }, body, step) {
      if (app.appId === own.clientId) throw ownApplication(step)
      if (now) {
        const path = `/servicePrincipals/${encodeURIComponent(now.id)}`
        await untilKnown(() => graph({ step, kind: "write", method: "PATCH", path, json: body }, null), sleep)
        return { value: { ...now, ...body }, lost: null }
      }
      const json = { appId: app.appId, ...body }
      const path = "/servicePrincipals"
      return await sure(
        () => untilKnown(() => graph({ step, kind: "create", method: "POST", path, json }, principal), sleep),
        () => principalOf(app.appId),
        sleep,
      )
    },
    remember(kind, key, entry) {
      fresh.set(`${kind} ${key}`, { entry, at: Date.now() })
    },
    async remove(appId, step) {
      if (appId === own.clientId) throw ownApplication(step)
      const now = await orNull(read(`/applications(appId=${quoted(appId)})`, step))
      known = null
      for (const [name, { entry }] of fresh) if (entry.app.appId === appId) fresh.delete(name)
      // Its service principal, secrets and assignments end with it.
      if (now) await goneIsDone(graph({ step, kind: "write", method: "DELETE", path: at(now) }, null))
    },
  }

  /** A refusal where a deleted application still holds the name says so: that one can be restored for 30 days. */
  async function explained(error: unknown, name: string, uris: unknown, step: string): Promise<unknown> {
    if (!(error instanceof ConnectorError) || (error.httpStatus !== 400 && error.httpStatus !== 409)) return error
    const taken = Array.isArray(uris) ? uris : []
    const path = `/directory/deletedItems/microsoft.graph.application?$select=id,appId,uniqueName,identifierUris`
    const deleted = await listAll(graph, { step, path }, application)
    const holder = deleted.find(
      (one) => one.uniqueName === name || one.identifierUris?.some((uri) => taken.includes(uri)) === true,
    )
    if (!holder) return error
    return recoded(error, {
      code: "conflict",
      message: `A deleted application (${holder.appId}) still holds this name, for 30 days after its end. Restore it, delete it for good, or choose another name.`,
    })
  }
}

const ownApplication = (step: string) =>
  new ConnectorError("unsupported", step, "This is the application by which Grantry itself logs in.")
