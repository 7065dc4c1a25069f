import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { dayMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { grantInclude, grantView } from "./grants/store.ts"
import type { GrantView } from "./schema.ts"

export interface RegistryFacts {
  readonly clients: number
  readonly clients_disabled: number
  readonly audiences: number
  readonly grants: number
  /** Past their end and still standing on a provider: the next plan takes them away. */
  readonly grants_past_end: readonly GrantView[]
  /** Ending within two weeks, soonest first. */
  readonly grants_ending: readonly GrantView[]
}

const shownMax = 20

/** What the overview tells about the registry. */
export async function registryFacts(actor: Actor, now = new Date()): Promise<RegistryFacts> {
  authorize(actor, "registry:read")
  const soon = new Date(now.getTime() + 14 * dayMs)
  const past = await db().$queryRaw<{ id: string }[]>`
    select g.id from audience_grant g join client c on c.id = g.client_id join audience a on a.id = g.audience_id
    where g.expires_at <= ${now} and exists (select 1 from placement p where p.kind = 'grant' and p.key = c.name || ' ' || a.identifier)
    order by g.expires_at, g.id limit ${shownMax}`
  const [clients, disabled, audiences, grants, ended, ending] = await Promise.all([
    db().client.count(),
    db().client.count({ where: { enabled: false } }),
    db().audience.count(),
    db().grant.count(),
    db().grant.findMany({
      where: { id: { in: past.map((g) => g.id) } },
      include: grantInclude,
      orderBy: { expiresAt: "asc" },
    }),
    db().grant.findMany({
      where: { expiresAt: { gt: now, lte: soon } },
      include: grantInclude,
      orderBy: { expiresAt: "asc" },
      take: shownMax,
    }),
  ])
  const view = (list: typeof ended) => list.map((g) => grantView(g, now))
  return {
    clients,
    clients_disabled: disabled,
    audiences,
    grants,
    grants_past_end: view(ended),
    grants_ending: view(ending),
  }
}
