import "server-only"
import { log } from "../base/log.ts"
import { dayMs, hourMs, minuteMs } from "../base/time.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { isPort, type Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { Prisma } from "../db/tx.ts"
import { authorOf } from "./author.ts"
import { errorOf } from "./journal.ts"
import { idOf } from "./normal.ts"
import { kindOf } from "./store.ts"

/** A log may lag behind the change, so drift of this age is still asked about. */
const askForMs = dayMs
/** Their clock is not ours. */
const skewMs = minuteMs

/**
 * Asks the provider's own log who made the drift that has no author yet, since the last read that did not show it. One
 * call, and none where nothing is open; a log that cannot be read leaves the author unknown.
 */
export async function attributeDrift(providerId: string, connector: Connector): Promise<void> {
  const { changes } = connector
  if (!isPort(changes)) return
  const open = await db().driftItem.findMany({
    where: { providerId, actor: { equals: Prisma.DbNull }, at: { gt: new Date(Date.now() - askForMs) } },
  })
  if (open.length === 0) return
  const since = Math.min(...open.map(({ at, since: seen }) => (seen ?? new Date(at.getTime() - hourMs)).getTime()))
  const told = await changes.since(new Date(since - skewMs)).catch((error: unknown) => {
    if (!(error instanceof ConnectorError)) throw error
    log.warn({ provider_id: providerId, ...errorOf(error) }, "the provider does not tell who changed what")
    return []
  })
  if (told.length === 0) return
  const placements = await db().placement.findMany({
    where: { providerId },
    select: { kind: true, key: true, remoteId: true },
  })
  const remoteIds = new Map(placements.map((placement) => [idOf(placement), placement.remoteId]))
  for (const item of open) {
    const from = (item.since ?? item.at).getTime() - skewMs
    const actor = authorOf(
      { kind: kindOf(item.kind), key: item.key },
      item.since ? told.filter(({ at }) => Date.parse(at) >= from) : told,
      remoteIds,
    )
    if (actor)
      await db().driftItem.updateMany({ where: { id: item.id, fingerprint: item.fingerprint }, data: { actor } })
  }
}
