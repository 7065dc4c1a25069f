import { z } from "zod"
import { isObject } from "../../base/json.ts"
import type { AdminChange, ChangesPort } from "../log-ports.ts"
import type { Applications, Directory, Entry } from "./applications.ts"
import { grantId } from "./grants.ts"
import type { Graph } from "./graph.ts"
import { parsed, readPage } from "./list.ts"

const changesMax = 1_000
const pagesMax = 20

const text = z.string().nullish().catch(undefined)

/** `directoryAudit`, v1.0. Values of changed properties are JSON inside a text. */
const record = z.looseObject({
  activityDateTime: z.iso.datetime({ offset: true }),
  activityDisplayName: text,
  result: text,
  initiatedBy: z
    .looseObject({
      app: z.looseObject({ appId: text, displayName: text, servicePrincipalId: text }).nullish().catch(undefined),
      user: z.looseObject({ id: text, userPrincipalName: text, displayName: text }).nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
  targetResources: z
    .array(
      z.looseObject({
        id: text,
        type: text,
        modifiedProperties: z
          .array(z.looseObject({ displayName: text, oldValue: text, newValue: text }))
          .nullish()
          .catch(undefined),
      }),
    )
    .nullish()
    .catch(undefined),
})
type Audit = z.output<typeof record>

/** Who changed applications, service principals and assignments, from the tenant's audit log (7 days, 30 with a licence). */
export const changesPort = (graph: Graph, apps: Applications, ownClientId: string): ChangesPort => ({
  async since(since) {
    const filter = encodeURIComponent(
      `activityDateTime ge ${since.toISOString()} and category eq 'ApplicationManagement'`,
    )
    const step = "read audit log"
    const found: Audit[] = []
    let path: string | null = `/auditLogs/directoryAudits?$filter=${filter}&$orderby=activityDateTime%20desc&$top=500`
    for (let n = 0; path !== null && found.length < changesMax && n < pagesMax; n++) {
      const page = await readPage(graph, { step, path })
      found.push(...page.items.map((one) => parsed(one, record, step)))
      path = page.next
    }
    if (found.length === 0) return []
    const names = namesOf(await apps.directory())
    return found
      .filter(({ activityDateTime, result }) => result !== "failure" && new Date(activityDateTime) >= since)
      .slice(0, changesMax)
      .map((audit) => changeOf(audit, names, ownClientId))
  },
})

/** The log names objects by the ids of the directory; what we keep are application ids and pairs of principals. */
interface Names {
  readonly appIds: ReadonlyMap<string, string>
  readonly clients: ReadonlyMap<string, Entry>
  readonly audiences: ReadonlyMap<string, Entry>
}

function namesOf({ client, audience }: Directory): Names {
  const entries = [...client.values(), ...audience.values()]
  const byPrincipal = (all: Iterable<Entry>) =>
    new Map([...all].flatMap((entry) => (entry.principal ? [[entry.principal.id, entry] as const] : [])))
  return {
    appIds: new Map(
      entries.flatMap(({ app, principal }) => [
        [app.id, app.appId] as const,
        ...(principal ? [[principal.id, app.appId] as const] : []),
      ]),
    ),
    clients: byPrincipal(client.values()),
    audiences: byPrincipal(audience.values()),
  }
}

function changeOf(audit: Audit, names: Names, ownClientId: string): AdminChange {
  const { app, user } = audit.initiatedBy ?? {}
  const ids = [...new Set((audit.targetResources ?? []).flatMap((target) => [target.id ?? "", ...guidsIn(target)]))]
  const known = ids.filter((id) => id !== "")
  const pairs = known.flatMap((from) =>
    known.flatMap((to) => {
      const [client, audience] = [names.clients.get(from)?.principal, names.audiences.get(to)?.principal]
      return client && audience ? [grantId(client, audience)] : []
    }),
  )
  const appIds = known.flatMap((id) => names.appIds.get(id) ?? [])
  const person = user?.id ? { id: user.id, ...nameOf(user.userPrincipalName ?? user.displayName) } : null
  const id = app?.appId ?? app?.servicePrincipalId ?? "unknown"
  return {
    at: new Date(audit.activityDateTime).toISOString(),
    kind: /app role assignment/i.test(audit.activityDisplayName ?? "") ? "grant" : null,
    key: null,
    remoteIds: [...new Set([...known, ...appIds, ...pairs])],
    actor: person ?? { id, ...nameOf(app?.displayName), ...(app?.appId ? { client: app.appId } : {}) },
    ours: app?.appId === ownClientId,
  }
}

const nameOf = (name: string | null | undefined): { name?: string } => (name ? { name } : {})

const guid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi

/** An assignment's other end stands only among the changed properties. */
const guidsIn = (target: unknown): readonly string[] =>
  isObject(target) && Array.isArray(target.modifiedProperties)
    ? target.modifiedProperties
        .filter(isObject)
        .flatMap(({ displayName, newValue, oldValue }) =>
          /(ObjectID|AppId)$/i.test(String(displayName))
            ? (`${String(newValue)} ${String(oldValue)}`.match(guid) ?? [])
            : [],
        )
    : []
