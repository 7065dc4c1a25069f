import { z } from "zod"
import type { AdminChange, ChangesPort } from "../log-ports.ts"
import type { ObjectKind } from "../objects.ts"
import type { Api } from "./api.ts"
import { logsSince, timeOf, type LogRecord } from "./logs.ts"

const word = z.string().nullish().catch(undefined)
const thing = z.looseObject({ client_id: word, audience: word, id: word, identifier: word }).nullish().catch(undefined)

/** `sapi`: a write through the Management API that succeeded, from a program or from the dashboard. */
const write = z.object({
  client_id: word,
  client_name: word,
  user_id: word,
  user_name: word,
  details: z.looseObject({
    request: z.looseObject({
      method: z.string(),
      path: z.string(),
      auth: z
        .looseObject({ user: z.looseObject({ user_id: word, name: word, email: word }).nullish().catch(undefined) })
        .nullish()
        .catch(undefined),
    }),
    response: z.looseObject({ body: thing }).nullish().catch(undefined),
  }),
})

const kinds: Readonly<Record<string, ObjectKind>> = {
  clients: "client",
  "resource-servers": "audience",
  "client-grants": "grant",
}

/** Who changed what, from the tenant's own log. It ends with the tenant's retention, and after a thousand records. */
export const changesPort = (api: Api, ownClientId: string): ChangesPort => ({
  since: async (since) => (await logsSince(api, since)).flatMap((record) => changeOf(record, ownClientId)),
})

function changeOf(record: LogRecord, ownClientId: string): readonly AdminChange[] {
  const at = timeOf(record)
  const parsed = record.type === "sapi" && at ? write.safeParse(record) : null
  if (!at || !parsed?.success) return []
  const { details, client_id, client_name, user_id, user_name } = parsed.data
  const { method, path, auth } = details.request
  if (method.toUpperCase() === "GET") return []
  const [collection = "", id] = path.replace(/^\/api\/v2\//, "").split("/")
  const kind = kinds[collection] ?? null
  if (kind === null) return []
  const body = details.response?.body
  const person = auth?.user?.user_id ?? user_id
  const actor =
    person || !client_id
      ? { id: person || "unknown", ...named(auth?.user?.email ?? auth?.user?.name ?? user_name) }
      : { id: client_id, ...named(client_name) }
  return [
    {
      at: at.toISOString(),
      kind,
      key: kind === "audience" ? (body?.identifier ?? identifierOf(id)) : null,
      remoteIds: remoteIdsOf(kind, id, body),
      actor: { ...actor, ...(client_id ? { client: client_id } : {}) },
      ours: client_id === ownClientId,
    },
  ]
}

const named = (name: string | null | undefined): { name?: string } => (name ? { name } : {})

/** An API may be addressed by its identifier, percent-encoded. */
function identifierOf(segment: string | undefined): string | null {
  if (segment === undefined || !segment.includes("%")) return null
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}

/** A grant goes by its pair here (see grants.ts); a deleted one is told by Auth0's id alone. */
function remoteIdsOf(kind: ObjectKind, id: string | undefined, body: z.output<typeof thing>): readonly string[] {
  const ids =
    kind === "client"
      ? [id ?? body?.client_id]
      : [id, body?.id, body?.client_id && body.audience ? `${body.client_id} ${body.audience}` : null]
  return [...new Set(ids.filter((one) => typeof one === "string" && one !== ""))].map(String)
}
