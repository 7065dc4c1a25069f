import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { dayMs, hourMs } from "../base/time.ts"
import { clientsSeen, pairsSeen } from "../events/pairs.ts"
import {
  audienceNames,
  clientNames,
  type ClientChoice,
  grantedClients,
  remoteNames,
} from "../registry/grants/matrix.ts"
import { pairsOf, type PairState, pairView } from "./pairs.ts"

export interface AccessFilter extends ClientChoice {
  /** Only pairs in one of these states. */
  readonly state?: readonly PairState[] | undefined
  /** How far back events count. */
  readonly days: number
  /** Clients of one page. */
  readonly limit: number
  /** Goes on after this client name. */
  readonly after?: string | undefined
}

const accessRow = z.object({
  client: z.string(),
  /** Null: no such client is registered, its events are all that is known. */
  client_id: z.string().nullable(),
  /** What events call it: its name, and the ids that providers gave it. */
  ids: z.array(z.string()).readonly(),
  enabled: z.boolean(),
  pairs: z.array(pairView).readonly(),
})
export const accessView = z.object({
  items: z.array(accessRow).readonly(),
  /** Every audience of `items`; null where it is not registered. */
  audiences: z.record(z.string(), z.object({ id: z.string(), name: z.string() }).nullable()),
  /** Clients of the choice with a grant or an event of the range, before `state`: how much lies behind the pages. */
  clients: z.int(),
  /** From when on events count. RFC 3339. */
  since: z.string(),
  /** Goes on here. Not null with few items, or none: of a seldom state so much was looked at and no more. */
  next: z.string().nullable(),
})
export type AccessRow = Readonly<z.infer<typeof accessRow>>
export type AccessPage = Readonly<z.infer<typeof accessView>>

/** So many clients are joined at a time while a page fills, and so many times at most for one page. */
const chunkSize = 500
const chunksMax = 8

/** Clients by name, each with its audiences: granted, observed, or both. Clients without either are left out. */
export async function accessPage(actor: Actor, filter: AccessFilter, now = new Date()): Promise<AccessPage> {
  // Whole hours are answered by rollups alone.
  const fromMs = Math.floor((now.getTime() - filter.days * dayMs) / hourMs) * hourMs
  const range = { fromMs, toMs: now.getTime() + hourMs }
  const names = await choose(actor, filter, range)
  const items: AccessRow[] = []
  let at = filter.after === undefined ? 0 : names.findIndex((name) => name > (filter.after ?? ""))
  if (at === -1) at = names.length
  for (let chunk = 0; chunk < chunksMax && items.length <= filter.limit && at < names.length; chunk++) {
    const size = chunk === 0 ? Math.min(chunkSize, Math.max(filter.limit + 1, 50)) : chunkSize
    items.push(...(await joined(actor, names.slice(at, at + size), range, filter)))
    at += size
  }
  const shown = items.slice(0, filter.limit)
  const audiences = [...new Set(shown.flatMap((row) => row.pairs.map((p) => p.audience)))].sort()
  const known = await audienceNames(actor, audiences)
  return {
    items: shown,
    audiences: Object.fromEntries(audiences.map((a) => [a, known.get(a) ?? null])),
    clients: names.length,
    since: new Date(fromMs).toISOString(),
    next: (items.length > shown.length ? shown.at(-1)?.client : at < names.length ? names[at - 1] : null) ?? null,
  }
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The names of those who are granted something and of those who were seen, registered or not, sorted. An owner or provider is
 * known of registered clients only.
 */
async function choose(actor: Actor, filter: AccessFilter, range: Span): Promise<string[]> {
  const { q, client, owner, provider, audience } = filter
  const [seen, granted, registered] = await Promise.all([
    clientsSeen(actor, range, audience ?? []),
    clientNames(actor, { q, client, owner, provider, audience, granted: true }),
    clientNames(actor, { q, client, owner, provider }).then((names) => new Set(names)),
  ])
  const own = await remoteNames(actor, seen)
  const lower = (q ?? "").toLowerCase().split(/\s+/).filter(Boolean)
  const unknown = owner === undefined && provider === undefined
  const fits = (name: string) =>
    registered.has(name) ||
    (unknown && (client === undefined || name === client) && lower.every((word) => name.toLowerCase().includes(word)))
  return [...new Set([...granted, ...seen.map((id) => own.get(id) ?? id).filter(fits)])].sort()
}

async function joined(
  actor: Actor,
  names: readonly string[],
  range: Span,
  { state, audience }: AccessFilter,
): Promise<AccessRow[]> {
  const clients = new Map((await grantedClients(actor, names)).map((c) => [c.name, c]))
  const idsOf = (name: string) => [name, ...(clients.get(name)?.remote_ids ?? [])]
  // Of a client with a grant that ended meanwhile, before or after its end is told apart by hours.
  const ended = (name: string) =>
    (clients.get(name)?.grants ?? []).some((g) => g.expires_at !== null && Date.parse(g.expires_at) < range.toMs)
  const found = await Promise.all([
    pairsSeen(actor, names.filter((name) => !ended(name)).flatMap(idsOf), range, "day"),
    pairsSeen(actor, names.filter(ended).flatMap(idsOf), range, "hour"),
  ])
  const seen = Map.groupBy(found.flat(), (s) => s.client)
  return names.flatMap((name) => {
    const client = clients.get(name)
    const pairs = pairsOf(
      client?.grants ?? [],
      idsOf(name).flatMap((id) => seen.get(id) ?? []),
    ).filter((p) => (!state || state.includes(p.state)) && (!audience || audience.includes(p.audience)))
    return pairs.length === 0
      ? []
      : [{ client: name, client_id: client?.id ?? null, ids: idsOf(name), enabled: client?.enabled ?? true, pairs }]
  })
}
