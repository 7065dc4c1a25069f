import "server-only"
import { db } from "../db/client.ts"
import { findAudience } from "./audiences/store.ts"
import { findClient } from "./clients/store.ts"
import { grantInclude, grantView } from "./grants/store.ts"
import type { AudienceView, ClientView, GrantView } from "./schema.ts"

/** For rooms above that have authorised already (token debugger, planner, posture). */

/** The client behind an OAuth client_id: its own name, or the id that a provider gave it. */
export async function clientByOAuthId(clientId: string): Promise<ClientView | null> {
  if (clientId.includes("\u0000")) return null
  const named = await db().client.findUnique({ where: { name: clientId }, select: { id: true } })
  if (named) return findClient(named.id)
  const placed = await db().placement.findFirst({
    where: { kind: "client", remoteId: clientId },
    select: { key: true },
  })
  const owner = placed ? await db().client.findUnique({ where: { name: placed.key }, select: { id: true } }) : null
  return owner ? findClient(owner.id) : null
}

/** Every grant of a client, those past their end included (`state`). */
export async function grantsOf(client: { readonly id: string }, now: Date): Promise<GrantView[]> {
  const rows = await db().grant.findMany({
    where: { clientId: client.id },
    include: grantInclude,
    orderBy: { createdAt: "asc" },
  })
  return rows.map((g) => grantView(g, now))
}

/** The registered audiences among these identifiers. */
export async function audiencesByIdentifier(identifiers: readonly string[]): Promise<AudienceView[]> {
  const usable = identifiers.filter((identifier) => !identifier.includes("\u0000")).slice(0, 50)
  const rows = await db().audience.findMany({ where: { identifier: { in: usable } }, select: { id: true } })
  const views = await Promise.all(rows.map((r) => findAudience(r.id)))
  return views.filter((v) => v !== null)
}
