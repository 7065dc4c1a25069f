import { z } from "zod"
import type { AdminChange, ChangesPort } from "../log-ports.ts"
import type { ObjectKind } from "../objects.ts"
import { unhurried, type Api } from "./api.ts"
import { lookup, type Look, type TrailPage } from "./trail.ts"

/** CloudTrail searches by one name at a time. Grants stand on clients, so a change of one is a change of its client. */
const operations: readonly (readonly [name: string, kind: ObjectKind])[] = [
  ["CreateUserPoolClient", "client"],
  ["UpdateUserPoolClient", "client"],
  ["DeleteUserPoolClient", "client"],
  ["CreateResourceServer", "audience"],
  ["UpdateResourceServer", "audience"],
  ["DeleteResourceServer", "audience"],
]
const pagesMax = 4
const changesMax = 1_000

const word = z.string().nullish().catch(undefined)
const write = z.looseObject({
  eventTime: z.string(),
  errorCode: word,
  userIdentity: z.looseObject({
    arn: word,
    principalId: word,
    userName: word,
    accessKeyId: word,
    sessionContext: z
      .looseObject({ sessionIssuer: z.looseObject({ userName: word }).nullish() })
      .nullish()
      .catch(undefined),
  }),
  requestParameters: z.looseObject({ userPoolId: word, clientId: word, identifier: word }).nullish(),
  responseElements: z
    .looseObject({ userPoolClient: z.looseObject({ clientId: word }).nullish() })
    .nullish()
    .catch(undefined),
})

/** Who changed what, from the management events of the account. It ends with CloudTrail's ninety days. */
export function changesPort(api: Api, poolId: string, ownKey: string): ChangesPort {
  async function written(look: Pick<Look, "eventName" | "from" | "to">): Promise<readonly unknown[]> {
    const records: unknown[] = []
    let at: string | null = null
    for (let page = 0; page < pagesMax; page++) {
      const next: string | null = at
      const told: TrailPage = await unhurried(() => lookup(api, { ...look, next }))
      records.push(...told.records)
      at = told.next
      if (at === null) break
    }
    return records
  }
  const since: ChangesPort["since"] = async (since) => {
    const found: AdminChange[] = []
    const to = new Date()
    for (const [eventName, kind] of operations)
      for (const record of await written({ eventName, from: since, to }))
        found.push(...changeOf(record, kind, poolId, ownKey))
    return found.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at)).slice(0, changesMax)
  }
  return { since }
}

function changeOf(record: unknown, kind: ObjectKind, poolId: string, ownKey: string): readonly AdminChange[] {
  const parsed = write.safeParse(record)
  if (!parsed.success || parsed.data.errorCode) return []
  const { eventTime, userIdentity: who, requestParameters: asked, responseElements: answered } = parsed.data
  if (asked?.userPoolId !== poolId || !Number.isFinite(Date.parse(eventTime))) return []
  const clientId = asked.clientId ?? answered?.userPoolClient?.clientId
  const name = who.userName ?? who.sessionContext?.sessionIssuer?.userName ?? who.arn?.split("/").at(-1)
  return [
    {
      at: new Date(eventTime).toISOString(),
      kind,
      key: kind === "audience" ? (asked.identifier ?? null) : null,
      remoteIds: clientId ? [clientId] : [],
      actor: { id: who.arn ?? who.principalId ?? "unknown", ...(name ? { name } : {}) },
      ours: who.accessKeyId === ownKey,
    },
  ]
}
