import "server-only"
import type { Connector } from "../connectors/port.ts"
import { db } from "../db/client.ts"
import type { Normalize } from "../normalize/context.ts"
import { openConnector, type OpenConnector } from "../providers/open.ts"
import { leasePace, type LeasePace } from "../queue/lease.ts"
import { normalizerOf } from "./normalizers.ts"

/** What this room needs from outside. Tests hand in a simulated one. */
export interface CollectWorld {
  readonly open: OpenConnector
  readonly normalizerOf: (kind: string) => Normalize | null
  /** From 0 to 1, for jitter. */
  readonly random: () => number
  readonly now: () => Date
  readonly lease: LeasePace
}

export const realWorld = (): CollectWorld => ({
  open: openOnce,
  normalizerOf,
  random: Math.random,
  now: () => new Date(),
  lease: leasePace,
})

const opened = new Map<string, { readonly version: number; readonly connector: Connector }>()

/**
 * The connector stays open between polls until the provider's settings change: each opening costs a token of Grantry's own,
 * and would leave a line in the very log that is read.
 */
const openOnce: OpenConnector = async (providerId) => {
  const row = await db().provider.findUnique({ where: { id: providerId }, select: { version: true } })
  const held = opened.get(providerId)
  if (row && held?.version === row.version) return held.connector
  opened.delete(providerId)
  const connector = await openConnector(providerId)
  if (row) opened.set(providerId, { version: row.version, connector })
  return connector
}
