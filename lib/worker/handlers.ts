import "server-only"
import { forgetOld } from "../auth/housekeeping.ts"
import { findConflicts } from "../events/conflicts.ts"
import { dropExpired, ensurePartitions, foldRollups } from "../events/jobs.ts"
import { retentionDays } from "../events/retention.ts"
import { freezeWatermarks } from "../events/watermark.ts"
import type { JobName } from "../queue/jobs.ts"

/** What each job does. Every handler is a sweep: idempotent, resumable, safe beside another replica. */
export const handlers: Readonly<Record<JobName, () => Promise<void>>> = {
  "events.fold": async () => void (await foldRollups()),
  "events.partitions": async () => void (await ensurePartitions(new Date(), await retentionDays())),
  "events.retention": async () => void (await dropExpired(new Date(), await retentionDays())),
  "events.conflicts": async () => void (await findConflicts()),
  "events.watermarks": async () => void (await freezeWatermarks()),
  housekeeping: () => forgetOld(),
}
