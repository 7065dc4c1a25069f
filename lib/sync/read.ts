import "server-only"
import { newId } from "../base/id.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import type { DesiredObject, RemoteObject } from "../connectors/objects.ts"
import { isPort, type Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { Prisma, withTx, type Tx } from "../db/tx.ts"
import { attributeDrift } from "./attribute.ts"
import { drift, settled, type Drift } from "./drift.ts"
import { idOf } from "./normal.ts"
import { patiently } from "./retry.ts"
import { appliedOf } from "./store.ts"
import { wantedOn } from "./wanted.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/** A person or the next job waits for a read; what a provider asks for beyond this is an answer. */
const waitMaxMs = 30_000

export interface Observation {
  readonly connector: Connector
  readonly remote: readonly RemoteObject[]
  /** By the clock of the database, before the first call. */
  readonly startedAt: Date
  readonly latencyMs: number
}

/** Reads everything of a provider. A failure is noted on its row and thrown on (ConnectorError). */
export async function observe(providerId: string, world: SyncWorld): Promise<Observation> {
  const connector = await world.open(providerId)
  const [clock] = await db().$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`
  const startedAt = clock?.now ?? new Date()
  const started = performance.now()
  try {
    const { write } = connector
    // Where nothing can be read there is still to learn whether anybody is there.
    const look = isPort(write) ? () => write.observe() : () => connector.endpoints().then(() => [])
    const remote = await patiently(look, world, { longestMs: waitMaxMs })
    return { connector, remote, startedAt, latencyMs: Math.round(performance.now() - started) }
  } catch (error) {
    if (error instanceof ConnectorError) {
      await db().provider.updateMany({
        where: { id: providerId },
        data: {
          status: error.code === "rate_limited" ? "degraded" : "unreachable",
          statusWhy: error.message,
          lastReadError: error.message,
          checkedAt: startedAt,
          readRequestedAt: null,
        },
      })
    }
    throw error
  }
}

/** Observes, stores the read, and brings drift up to date. Throws ConnectorError. */
export async function readProvider(providerId: string, world: SyncWorld = realWorld()): Promise<void> {
  await saveRead(providerId, await observe(providerId, world))
}

/**
 * Stores an observation, brings drift up to date and asks who made it. While a plan is at work, what was seen proves no
 * drift, so only the read itself is kept.
 */
export async function saveRead(
  providerId: string,
  { connector, remote, startedAt, latencyMs }: Observation,
): Promise<void> {
  const { objects: desired } = await wantedOn(providerId, connector, startedAt)
  const lagMs = isPort(connector.write) ? (connector.write.readLagMs ?? 0) : 0
  // A file tells what the provider holds, and nothing of how it is.
  const isByFile = connector.document !== undefined && isPort(connector.document)
  await withTx(async (tx) => {
    const held = await tx.$queryRaw<
      { last_read_at: Date | null }[]
    >`select last_read_at from provider where id = ${providerId}::uuid for update`
    const row = held[0]
    if (!row || (row.last_read_at !== null && row.last_read_at > startedAt)) return
    await tx.provider.update({
      where: { id: providerId },
      data: {
        lastRead: remote as unknown as Prisma.InputJsonValue,
        lastReadAt: startedAt,
        lastReadError: null,
        ...(isByFile ? {} : { status: "healthy", statusWhy: null, latencyMs, checkedAt: startedAt }),
      },
    })
    await tx.provider.updateMany({
      where: { id: providerId, readRequestedAt: { lte: startedAt } },
      data: { readRequestedAt: null },
    })
    const busy = await tx.plan.count({
      where: {
        providerIds: { has: providerId },
        OR: [{ status: "applying" }, { finishedAt: { gt: new Date(startedAt.getTime() - lagMs) } }],
      },
    })
    if (busy === 0) await judge(tx, providerId, remote, desired, { at: startedAt, since: row.last_read_at })
  })
  await attributeDrift(providerId, connector)
}

/** What is found now and was not found then came about in between. */
interface Window {
  readonly at: Date
  readonly since: Date | null
}

async function judge(
  tx: Tx,
  providerId: string,
  remote: readonly RemoteObject[],
  desired: readonly DesiredObject[],
  window: Window,
): Promise<void> {
  const placements = await tx.placement.findMany({ where: { providerId } })
  const applied = placements.map(appliedOf)
  const { converged, gone } = settled(applied, remote, desired)
  for (const { kind, key, fields } of converged)
    await tx.placement.updateMany({
      where: { providerId, kind, key },
      data: { applied: fields as Prisma.InputJsonValue },
    })
  for (const { kind, key } of gone) await tx.placement.deleteMany({ where: { providerId, kind, key } })
  await saveDrift(tx, providerId, drift(applied, remote, desired), window)
}

/** An item keeps its id while it lasts. When what is found changes, a decision about the old finding no longer holds. */
async function saveDrift(tx: Tx, providerId: string, found: readonly Drift[], window: Window): Promise<void> {
  const known = new Map((await tx.driftItem.findMany({ where: { providerId } })).map((item) => [idOf(item), item]))
  const now = new Set(found.map(idOf))
  const over = [...known.values()].filter((item) => !now.has(idOf(item))).map(({ id }) => id)
  if (over.length > 0) await tx.driftItem.deleteMany({ where: { id: { in: over } } })
  const fresh: Prisma.DriftItemCreateManyInput[] = []
  for (const item of found) {
    const before = known.get(idOf(item))
    const fields = item.fields as unknown as Prisma.InputJsonValue
    if (!before)
      fresh.push({
        id: newId(),
        providerId,
        kind: item.kind,
        key: item.key,
        fields,
        fingerprint: item.fingerprint,
        ...window,
      })
    else if (before.fingerprint !== item.fingerprint) {
      await tx.driftItem.update({
        where: { id: before.id },
        data: {
          fields,
          fingerprint: item.fingerprint,
          ...window,
          actor: Prisma.DbNull,
          status: "open",
          ignoreUntil: null,
          reason: null,
          decidedBy: null,
        },
      })
    } else if (before.status === "ignored" && before.ignoreUntil !== null && before.ignoreUntil <= window.at) {
      await tx.driftItem.update({
        where: { id: before.id },
        data: { status: "open", ignoreUntil: null, reason: null, decidedBy: null },
      })
    }
  }
  if (fresh.length > 0) await tx.driftItem.createMany({ data: fresh })
}
