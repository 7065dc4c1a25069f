import "server-only"
import { forgetOld } from "../auth/housekeeping.ts"
import { readDueLogs } from "../collect/due.ts"
import { findConflicts } from "../events/conflicts.ts"
import { dropExpired, ensurePartitions, foldRollups, summarise } from "../events/jobs.ts"
import { retentionDays } from "../events/retention.ts"
import { freezeWatermarks } from "../events/watermark.ts"
import { probeProviders } from "../providers/probe.ts"
import type { JobName } from "../queue/jobs.ts"
import { clientsGone } from "../rotation/client-gone.ts"
import { advanceRotations } from "../rotation/run.ts"
import { noteSecretUses } from "../secrets/seen.ts"
import { settleAllSecrets } from "../secrets/settle.ts"
import { runApplies } from "../sync/apply.ts"
import { readDueProviders } from "../sync/due.ts"
import { realWorld } from "../sync/world.ts"
import { giveUpTokens, showTokens } from "../sync/show-tokens.ts"

/** What each job does. Every handler is a sweep: idempotent, resumable, safe beside another replica. */
export const handlers: Readonly<Record<JobName, () => Promise<void>>> = {
  apply: () => runApplies({ ...realWorld(), clientsGone }),
  "plan.tokens": () => showTokens(),
  rotation: () => advanceRotations(),
  "provider.read": () => readDueProviders(),
  "provider.log": () => readDueLogs(),
  "provider.probe": () => probeProviders(),
  "secret.verify": () => settleAllSecrets(),
  "secret.seen": () => noteSecretUses(),
  "events.fold": async () => {
    await foldRollups()
    await summarise()
  },
  "events.partitions": async () => void (await ensurePartitions(new Date(), await retentionDays())),
  "events.retention": async () => void (await dropExpired(new Date(), await retentionDays())),
  "events.conflicts": async () => void (await findConflicts()),
  "events.watermarks": async () => void (await freezeWatermarks()),
  housekeeping: async () => {
    await forgetOld()
    await giveUpTokens()
  },
}
