import { isObject } from "../../base/json.ts"
import { ConnectorError } from "../connector-error.ts"
import { secondsOf, timeSpan } from "../time-span.ts"
import { goneIsDone } from "../gone.ts"
import type { Graph } from "./graph.ts"
import { listAll } from "./list.ts"
import { sure, untilKnown, type Sleep } from "./patience.ts"
import { lifetimePolicy, type Application, type LifetimePolicy } from "./shapes.ts"

/** AccessTokenLifetime: 10 minutes to 1 day (configurable token lifetimes). */
export const ttlMin = 600
export const ttlMax = 86_400
/** Without a policy Entra chooses 60 to 90 minutes for each token; the longest is what must be reckoned with. */
export const ttlDefault = 5_400

export const definitionOf = (seconds: number): readonly string[] => [
  JSON.stringify({ TokenLifetimePolicy: { Version: 1, AccessTokenLifetime: timeSpan(seconds) } }),
]

/** The lifetime that a policy sets; the default where it sets none. Null: it cannot be read. */
export function lifetimeOf(policy: LifetimePolicy): number | null {
  try {
    const told: unknown = JSON.parse(policy.definition?.[0] ?? "")
    const set =
      isObject(told) && isObject(told.TokenLifetimePolicy) ? told.TokenLifetimePolicy.AccessTokenLifetime : null
    return set === undefined ? ttlDefault : typeof set === "string" ? secondsOf(set) : null
  } catch {
    return null
  }
}

export interface Lifetimes {
  /** Seconds; null where we may not look (level 3 of the permissions) or the policy cannot be read. */
  read(app: Application): Promise<number | null>
  /** Answers the lost answer, where one was lost and it is done all the same. Throws ConnectorError `forbidden` without the permission. */
  write(app: Application, seconds: number): Promise<ConnectorError | null>
  /** Removes the policy that we made for this application. Without the permission it stays: it then applies to nothing. */
  drop(app: Application): Promise<void>
}

/** One policy of ours for each audience, known by its name; a policy of somebody else is unlinked and never changed. */
export function lifetimes(graph: Graph, sleep: Sleep): Lifetimes {
  const step = "set token lifetime"
  const nameOf = ({ appId }: Application): string => `grantry ${appId}`
  const path = ({ id }: Application): string => `/applications/${encodeURIComponent(id)}/tokenLifetimePolicies`
  const policies = "/policies/tokenLifetimePolicies"
  const assigned = (app: Application): Promise<readonly LifetimePolicy[]> =>
    listAll(graph, { step: "read token lifetime", path: path(app) }, lifetimePolicy)
  /** A policy whose link was lost stands in the tenant and on no application. */
  const unlinked = async (app: Application): Promise<LifetimePolicy | null> => {
    const all = await listAll(graph, { step: "list token lifetimes", path: policies }, lifetimePolicy)
    return all.find(({ displayName }) => displayName === nameOf(app)) ?? null
  }

  return {
    async read(app) {
      try {
        const [first] = await assigned(app)
        return first === undefined ? ttlDefault : lifetimeOf(first)
      } catch (error) {
        if (error instanceof ConnectorError && error.code === "forbidden") return null
        throw error
      }
    },
    async write(app, seconds) {
      const known = await untilKnown(() => assigned(app), sleep)
      const own = known.find(({ displayName }) => displayName === nameOf(app))
      const definition = definitionOf(seconds)
      const redefine = ({ id }: LifetimePolicy) =>
        graph(
          { step, kind: "write", method: "PATCH", path: `${policies}/${encodeURIComponent(id)}`, json: { definition } },
          null,
        )
      if (own) {
        await redefine(own)
        return null
      }
      for (const { id } of known)
        await goneIsDone(
          graph({ step, kind: "write", method: "DELETE", path: `${path(app)}/${encodeURIComponent(id)}/$ref` }, null),
        )
      const left = await unlinked(app)
      if (left !== null) await redefine(left)
      const json = { displayName: nameOf(app), definition, isOrganizationDefault: false }
      const made =
        left === null
          ? await sure(
              () => graph({ step, kind: "create", method: "POST", path: policies, json }, lifetimePolicy),
              () => unlinked(app),
              sleep,
            )
          : { value: left, lost: null }
      const link = { "@odata.id": `https://graph.microsoft.com/v1.0${policies}/${made.value.id}` }
      const linked = await sure(
        () =>
          untilKnown(async () => {
            await graph({ step, kind: "create", method: "POST", path: `${path(app)}/$ref`, json: link }, null)
            return made.value
          }, sleep),
        async () => (await assigned(app)).find(({ id }) => id === made.value.id) ?? null,
        sleep,
      )
      return made.lost ?? linked.lost
    },
    async drop(app) {
      try {
        const own = (await assigned(app)).find(({ displayName }) => displayName === nameOf(app))
        if (!own) return
        const at = `${policies}/${encodeURIComponent(own.id)}`
        await goneIsDone(graph({ step: "remove token lifetime", kind: "write", method: "DELETE", path: at }, null))
      } catch (error) {
        if (error instanceof ConnectorError && ["forbidden", "not_found"].includes(error.code)) return
        throw error
      }
    },
  }
}
