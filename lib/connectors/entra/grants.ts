import { z } from "zod"
import { spread } from "../../base/spread.ts"
import { namesIn } from "../fields.ts"
import { ConnectorError } from "../connector-error.ts"
import { grantKey, splitGrantKey, type DesiredObject, type RemoteObject } from "../objects.ts"
import type { Applications, Directory, Entry } from "./applications.ts"
import { goneIsDone, orNull } from "../gone.ts"
import type { Graph } from "./graph.ts"
import { listAll, lowPriority, pageSize, readsAtOnce } from "./list.ts"
import { untilKnown, type Sleep } from "./patience.ts"
import { isScope, roleIdOf } from "./roles.ts"
import { assignment, type Assignment, type Principal } from "./shapes.ts"

export interface Grants {
  observe(directory: Directory): Promise<readonly RemoteObject[]>
  find(key: string): Promise<RemoteObject | null>
  create(object: DesiredObject): Promise<RemoteObject>
  update(remoteId: string, object: DesiredObject): Promise<RemoteObject>
  remove(remoteId: string): Promise<void>
}

/** Both service principals, which an assignment names: the client's, a space, the audience's. */
export const grantId = (client: Principal, audience: Principal): string => `${client.id} ${audience.id}`

/** Audience grants: one app role assignment for each scope, on the audience's side. Entra has no place for our mark there. */
export function grantsPort(graph: Graph, apps: Applications, sleep: Sleep): Grants {
  const path = (audienceId: string): string => `/servicePrincipals/${encodeURIComponent(audienceId)}/appRoleAssignedTo`

  const assignedTo = (audienceId: string, headers: Readonly<Record<string, string>> = {}) =>
    listAll(graph, { step: "list grants", path: `${path(audienceId)}?$top=${pageSize}`, headers }, assignment)

  /** Filtered here: never trust a filter of the other side (providers.md 0.4). */
  const between = async (clientId: string, audienceId: string): Promise<readonly Assignment[]> =>
    (await assignedTo(audienceId)).filter((one) => one.principalId === clientId)

  async function ends(
    key: string,
    step: string,
  ): Promise<{ client: Principal; audience: Entry & { principal: Principal } }> {
    const { client, audience } = splitGrantKey(key)
    const from = (await apps.find("client", client))?.principal
    const to = await apps.find("audience", audience)
    if (from && to?.principal) return { client: from, audience: { app: to.app, principal: to.principal } }
    throw new ConnectorError("not_found", step, "An end of this grant is not there, or has no service principal.")
  }

  function objectOf(
    key: string,
    client: Principal,
    { app, principal }: Entry & { principal: Principal },
    held: readonly Assignment[],
  ): RemoteObject {
    const words = new Map((app.appRoles ?? []).filter(isScope).map(({ id, value }) => [id.toLowerCase(), value]))
    const scopes = held.flatMap(({ appRoleId }) => words.get(appRoleId.toLowerCase()) ?? [])
    return {
      kind: "grant",
      key,
      remoteId: grantId(client, principal),
      marked: true,
      fields: { scopes: [...new Set(scopes)].toSorted() },
    }
  }

  /** Adds what is missing and takes away what is not wanted; each is looked for before it is written. */
  async function bring({ key, fields }: DesiredObject, step: string, known?: string): Promise<RemoteObject> {
    const { client, audience } = await ends(key, step)
    if (known !== undefined && known !== grantId(client, audience.principal))
      throw new ConnectorError("not_found", step, "Another client or audience stands in its place by now.")
    const wanted = namesIn(fields.scopes)
    const roleId = (scope: string): string =>
      audience.app.appRoles?.find((role) => isScope(role) && role.value === scope)?.id ??
      roleIdOf(splitGrantKey(key).audience, scope)
    const ids = new Set(wanted.map((scope) => roleId(scope).toLowerCase()))
    // A principal that was made a moment ago has no list of its own yet.
    const now = (await orNull(between(client.id, audience.principal.id))) ?? []
    const held = [...now.filter(({ appRoleId }) => ids.has(appRoleId.toLowerCase()))]
    let lost: ConnectorError | null = null
    for (const appRoleId of ids) {
      if (held.some((one) => one.appRoleId.toLowerCase() === appRoleId)) continue
      const made = await assign(client, audience.principal, appRoleId, step)
      lost = made.lost ?? lost
      held.push(made.value)
    }
    for (const one of now.filter(({ appRoleId }) => !ids.has(appRoleId.toLowerCase()))) await unassign(one, step)
    if (lost) throw lost
    return objectOf(key, client, audience, held)
  }

  async function assign(
    client: Principal,
    audience: Principal,
    appRoleId: string,
    step: string,
  ): Promise<{ value: Assignment; lost: ConnectorError | null }> {
    const json = { principalId: client.id, resourceId: audience.id, appRoleId }
    try {
      const send = () => graph({ step, kind: "create", method: "POST", path: path(audience.id), json }, assignment)
      return { value: await untilKnown(send, sleep), lost: null }
    } catch (error) {
      if (!(error instanceof ConnectorError) || !["lost_answer", "invalid", "conflict"].includes(error.code))
        throw error
      // "Already exists" is a 400 with words: what stands there tells.
      const found = (await between(client.id, audience.id)).find(
        (one) => one.appRoleId.toLowerCase() === appRoleId.toLowerCase(),
      )
      if (!found) throw error
      return { value: found, lost: error.code === "lost_answer" ? error : null }
    }
  }

  const unassign = ({ id, resourceId }: Assignment, step: string): Promise<void> =>
    goneIsDone(
      graph({ step, kind: "write", method: "DELETE", path: `${path(resourceId)}/${encodeURIComponent(id)}` }, null),
    )

  return {
    async observe({ client: clients, audience: audiences }) {
      const names = new Map(
        [...clients].flatMap(([key, { principal }]) =>
          principal ? [[principal.id, { key, principal }] as const] : [],
        ),
      )
      const lists = await spread([...audiences], readsAtOnce, async ([identifier, { app, principal }]) => {
        if (!principal) return []
        const all = Map.groupBy(await assignedTo(principal.id, lowPriority), ({ principalId }) => principalId)
        return [...all].flatMap(([principalId, held]) => {
          const from = names.get(principalId)
          return from ? [objectOf(grantKey(from.key, identifier), from.principal, { app, principal }, held)] : []
        })
      })
      return lists.flat()
    },
    async find(key) {
      const { client, audience } = splitGrantKey(key)
      const from = (await apps.find("client", client))?.principal
      const to = await apps.find("audience", audience)
      if (!from || !to?.principal) return null
      const held = (await orNull(between(from.id, to.principal.id))) ?? []
      return held.length === 0 ? null : objectOf(key, from, { app: to.app, principal: to.principal }, held)
    },
    create: (object) => bring(object, "create grant"),
    update: (remoteId, object) => bring(object, "update grant", remoteId),
    async remove(remoteId) {
      const { client, audience } = splitGrantKey(pair.parse(remoteId))
      for (const one of (await orNull(between(client, audience))) ?? []) await unassign(one, "remove grant")
    },
  }
}

const pair = z.string().regex(/^\S+ \S+$/)
