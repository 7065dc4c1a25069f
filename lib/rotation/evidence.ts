import "server-only"
import { db } from "../db/client.ts"
import { gate, type Gate, type Grade } from "./gate.ts"
import type { RotationRow } from "./store.ts"

/** What the event log can say about the use of secrets. lib/rotation/use-log.ts answers from lib/events. */
export interface UseLog {
  /** Last token event that names any of these secrets, accepted or refused, whoever it says it was; null: none is recorded. */
  lastUse(fingerprints: readonly string[]): Promise<Date | null>
  /** The same without what is marked as Grantry's own try: that a service holds the secret. */
  lastServiceUse(fingerprints: readonly string[]): Promise<Date | null>
  /** Until when every source that could show such a use is complete, and what is wrong with it if something is. */
  completeness(grade: Grade, since: Date): Promise<{ readonly until: Date | null; readonly gap: string | null }>
}

/** The gate of a rotation as the log stands now. */
export async function gateOf(row: RotationRow, log: UseLog): Promise<Gate> {
  const grade = row.evidenceGrade as Grade
  const secrets = await db().clientSecret.findMany({
    where: { id: { in: [...row.oldSecretIds, ...(row.newSecretId ? [row.newSecretId] : [])] } },
    select: { id: true, fingerprint: true },
  })
  const old = secrets.filter((s) => s.id !== row.newSecretId).map((s) => s.fingerprint)
  const fresh = secrets.filter((s) => s.id === row.newSecretId).map((s) => s.fingerprint)
  const asked = grade === "A" || grade === "B"
  // Completeness is asked first: what arrives between the two questions can then only close the gate, never open it.
  const complete = asked
    ? await log.completeness(grade, row.graceStartedAt ?? row.createdAt)
    : { until: null, gap: null }
  const [oldLastSeenAt, newLastSeenAt] = asked
    ? await Promise.all([log.lastUse(old), log.lastServiceUse(fresh)])
    : [null, null]
  return gate({
    grade,
    graceStartedAt: row.graceStartedAt,
    graceSeconds: row.graceSeconds,
    oldLastSeenAt,
    newLastSeenAt,
    completeUntil: complete.until,
    gap: complete.gap,
  })
}
