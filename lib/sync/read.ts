import "server-only"
import { minuteMs } from "../base/time.ts"
import { newId } from "../base/id.ts"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { ConnectorError, isPort, type Connector, type DesiredObject, type RemoteObject } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import { withTx, type Prisma, type Tx } from "../db/tx.ts"
import { drift, settled, type Drift } from "./drift.ts"
import { idOf } from "./normal.ts"
import { patiently } from "./retry.ts"
import { appliedOf } from "./store.ts"
import { wantedOn } from "./wanted.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/** Without being asked, a provider is read this often. */
const readEveryMs = 5 * minuteMs

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
    const remote = isPort(write) ? await patiently(() => write.observe(), world) : []
    return { connector, remote, startedAt, latencyMs: Math.round(performance.now() - started) }
  } catch (error) {
    if (error instanceof ConnectorError) {
      await db().provider.updateMany({
        where: { id: providerId },
        data: {
          status: "unreachable",
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

/** Stores an observation. While a plan is at work, what was seen proves no drift, so only the read itself is kept. */
export async function saveRead(
  providerId: string,
  { connector, remote, startedAt, latencyMs }: Observation,
): Promise<void> {
  const { objects: desired } = await wantedOn(providerId, connector, startedAt)
  const lagMs = isPort(connector.write) ? (connector.write.readLagMs ?? 0) : 0
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
        status: "healthy",
        statusWhy: null,
        latencyMs,
        checkedAt: startedAt,
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
    if (busy === 0) await judge(tx, providerId, remote, desired, startedAt)
  })
}

async function judge(
  tx: Tx,
  providerId: string,
  remote: readonly RemoteObject[],
  desired: readonly DesiredObject[],
  at: Date,
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
  await saveDrift(tx, providerId, drift(applied, remote, desired), at)
}

/** An item keeps its id while it lasts. When what is found changes, a decision about the old finding no longer holds. */
async function saveDrift(tx: Tx, providerId: string, found: readonly Drift[], at: Date): Promise<void> {
  const known = new Map((await tx.driftItem.findMany({ where: { providerId } })).map((item) => [idOf(item), item]))
  const now = new Set(found.map(idOf))
  const over = [...known.values()].filter((item) => !now.has(idOf(item))).map(({ id }) => id)
  if (over.length > 0) await tx.driftItem.deleteMany({ where: { id: { in: over } } })
  const fresh: Prisma.DriftItemCreateManyInput[] = []
  for (const item of found) {
    const before = known.get(idOf(item))
    const fields = item.fields as unknown as Prisma.InputJsonValue
    if (!before)
      fresh.push({ id: newId(), providerId, kind: item.kind, key: item.key, fields, at, fingerprint: item.fingerprint })
    else if (before.fingerprint !== item.fingerprint) {
      await tx.driftItem.update({
        where: { id: before.id },
        data: {
          fields,
          fingerprint: item.fingerprint,
          at,
          status: "open",
          ignoreUntil: null,
          reason: null,
          decidedBy: null,
        },
      })
    } else if (before.status === "ignored" && before.ignoreUntil !== null && before.ignoreUntil <= at) {
      await tx.driftItem.update({
        where: { id: before.id },
        data: { status: "open", ignoreUntil: null, reason: null, decidedBy: null },
      })
    }
  }
  if (fresh.length > 0) await tx.driftItem.createMany({ data: fresh })
}

/** The job `provider.read`: providers that were asked to be read, or were not read for a while. */
export async function readDueProviders(world: SyncWorld = realWorld()): Promise<void> {
  const rows = await db().provider.findMany({
    where: {
      OR: [
        { readRequestedAt: { not: null } },
        { lastReadAt: null, checkedAt: null },
        { checkedAt: { lt: new Date(Date.now() - readEveryMs) } },
        { lastReadAt: { lt: new Date(Date.now() - readEveryMs) } },
      ],
    },
    select: { id: true },
  })
  await Promise.all(
    rows.map(async ({ id }) => {
      try {
        await readProvider(id, world)
      } catch (error) {
        // It is noted on the provider's row; the next sweep tries again.
        log.warn(
          { provider_id: id, error: error instanceof ConnectorError ? error.code : redactError(error) },
          "a provider could not be read",
        )
      }
    }),
  )
}
