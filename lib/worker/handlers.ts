import "server-only"
import { forgetOld } from "../auth/housekeeping.ts"
import type { JobName } from "../queue/jobs.ts"

/** What each job does. Every handler is a sweep: idempotent, resumable, safe beside another replica. */
export const handlers: Readonly<Record<JobName, () => Promise<void>>> = {
  housekeeping: () => forgetOld(),
}
