import { z } from "zod"
import type { AdminChange, ChangesPort } from "../log-ports.ts"
import type { ObjectKind } from "../objects.ts"
import type { Session } from "./api.ts"
import { changesSince } from "./logs.ts"
import type { LogEvent } from "./shapes.ts"

const word = z.string().nullish().catch(undefined)

const change = z.object({
  published: z.iso.datetime({ offset: true }),
  eventType: z.string(),
  outcome: z.object({ result: word }).nullish().catch(undefined),
  actor: z.object({ id: z.string().min(1), displayName: word, alternateId: word, type: word }),
  target: z
    .array(z.object({ id: word, type: word }).catch({ id: null, type: null }))
    .nullish()
    .catch(undefined),
  debugContext: z
    .object({ debugData: z.looseObject({ authorizationServer: word }).nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
})

/** By how the event's type begins. */
const kinds: readonly (readonly [start: string, kind: ObjectKind])[] = [
  ["application.lifecycle.", "client"],
  ["app.oauth2.client.lifecycle.", "client"],
  ["app.oauth2.credentials.lifecycle.", "client"],
  ["oauth2.as.", "audience"],
  ["oauth2.scope.", "audience"],
  ["policy.", "grant"],
]

/**
 * Who changed what, from the System Log. With an API token Okta names the token's creator, so our own changes and that
 * person's cannot be told apart, and none counts as ours.
 */
export const changesPort = (session: Session, ownClientId: string | undefined, now: () => Date): ChangesPort => ({
  since: async (since) => (await changesSince(session, since, now())).flatMap((event) => changeOf(event, ownClientId)),
})

function changeOf(event: LogEvent, ownClientId: string | undefined): readonly AdminChange[] {
  const parsed = change.safeParse(event)
  if (!parsed.success) return []
  const { published, eventType, outcome, actor, target, debugContext } = parsed.data
  const kind = kinds.find(([start]) => eventType.startsWith(start))?.[1]
  if (kind === undefined || (outcome?.result ?? "SUCCESS") !== "SUCCESS") return []
  const ids = (target ?? []).flatMap(({ id }) => (id ? [id] : []))
  const server = debugContext?.debugData?.authorizationServer
  // A grant goes by its server and its policy.
  const pairs = kind === "grant" && server ? ids.map((id) => `${server}/${id}`) : []
  const client = (target ?? []).find(({ type }) => type === "PublicClientApp")?.id
  const name = actor.displayName ?? actor.alternateId
  return [
    {
      at: new Date(published).toISOString(),
      kind,
      key: kind === "client" ? (client ?? null) : null,
      remoteIds: [...new Set([...ids, ...(server ? [server] : []), ...pairs])],
      actor: {
        id: actor.id,
        ...(name ? { name } : {}),
        ...(actor.type === "PublicClientApp" ? { client: actor.id } : {}),
      },
      ours: ownClientId !== undefined && actor.id === ownClientId,
    },
  ]
}
