import { z } from "zod"
import { ConnectorError } from "../connector-error.ts"
import { quoted, type Graph } from "./graph.ts"
import { listAll } from "./list.ts"

const activity = z.looseObject({
  appId: z.string().nullish(),
  keyId: z.string().nullish(),
  signInActivity: z.looseObject({ lastSignInDateTime: z.string().nullish() }).nullish(),
})

export interface Uses {
  /** When each secret of an application was last used, RFC 3339, by its keyId in lower case. Empty where Graph tells none. */
  of(appId: string): Promise<ReadonlyMap<string, string>>
}

/** Reports of Graph that a tenant may lack: they are beta, and need a licence and the permission for logs. */
const silent = new Set(["forbidden", "invalid", "not_found", "unavailable", "rate_limited"])

/** `appCredentialSignInActivity` (beta): the last use of each key and secret (providers.md 4.4). Never the only guard. */
export const usesOf = (graph: Graph): Uses => ({
  async of(appId) {
    const filter = encodeURIComponent(`appId eq ${quoted(appId)}`)
    const path = `/reports/appCredentialSignInActivities?$filter=${filter}`
    try {
      const found = await listAll(graph, { step: "read use of secrets", version: "beta", path }, activity)
      return new Map(
        found.flatMap(({ appId: whose, keyId, signInActivity }) => {
          const at = signInActivity?.lastSignInDateTime
          return whose === appId && keyId && at ? [[keyId.toLowerCase(), at] as const] : []
        }),
      )
    } catch (error) {
      if (error instanceof ConnectorError && silent.has(error.code)) return new Map()
      throw error
    }
  },
})
