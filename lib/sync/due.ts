import "server-only"
import { log } from "../base/log.ts"
import { redactError } from "../base/redact.ts"
import { idOfWords } from "../base/id.ts"
import { ConnectorError } from "../connectors/connector-error.ts"
import { db } from "../db/client.ts"
import { withLease } from "../queue/lease.ts"
import { readProvider } from "./read.ts"
import { realWorld, type SyncWorld } from "./world.ts"

/** How often a provider is read without being asked, where its own setting says nothing. */
export const readEverySeconds = 600
/** Each wait is longer or shorter by up to this share, so that many providers are not read at once. */
const jitter = 0.1

/**
 * The job `provider.read`: providers that were asked to be read, or whose time has come. A provider that asked us to slow
 * down is left alone until then, and one that another process reads now is left to that. What fails is noted on its row, keeps the last good read and has its next turn.
 */
export async function readDueProviders(world: SyncWorld = realWorld()): Promise<void> {
  const due = await takeTurns(world.random)
  await Promise.all(
    due.map(async (id) => {
      try {
        await withLease(readingOf(id), () => readProvider(id, world))
      } catch (error) {
        log.warn(
          { provider_id: id, error: error instanceof ConnectorError ? error.code : redactError(error) },
          "a provider could not be read",
        )
      }
    }),
  )
}

/** The subject of the lease of a provider's reads: not the provider's own, so that no apply waits for a read. */
const readingOf = (providerId: string): string => idOfWords("provider.read", providerId)

/**
 * Those that are due, each with its next turn set already, so that a second process does not find them due. One that was
 * asked for stays due until a read has ended well: a request outlives whoever dies over it.
 */
async function takeTurns(random: () => number): Promise<string[]> {
  const stretch = 1 - jitter + 2 * jitter * random()
  const rows = await db().$queryRaw<{ id: string }[]>`
    update provider set next_read_at = clock_timestamp()
      + make_interval(secs => coalesce(read_every_seconds, ${readEverySeconds}::int) * ${stretch}::float8)
    where (read_requested_at is not null or next_read_at is null or next_read_at <= clock_timestamp())
      and (retry_at is null or retry_at <= clock_timestamp())
    returning id::text`
  return rows.map(({ id }) => id)
}
