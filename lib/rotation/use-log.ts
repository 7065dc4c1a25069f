import "server-only"
import { dayMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { secretLastSeen } from "../events/secret-use.ts"
import { completeUntil, progressOf } from "../events/watermark.ts"
import type { UseLog } from "./evidence.ts"
import type { Grade } from "./gate.ts"

/** How far before a rotation a last use is still worth telling. */
const lookBackMs = 30 * dayMs

/** The use of secrets as our own token events tell it. */
export const eventUseLog: UseLog = {
  lastUse: (fingerprints) => lastSeen(fingerprints, false),
  lastServiceUse: (fingerprints) => lastSeen(fingerprints, true),
  async completeness(grade, since) {
    const sources = await sourcesOf(grade)
    const ids = sources.map((s) => s.id)
    if (grade === "A" && ids.length === 0) return { until: null, gap: null }
    const progress = await progressOf(ids)
    // The provider's own log must have spoken; of the others, one that never sent anything cannot be waited for.
    const asked = grade === "A" ? ids : ids.filter((id) => (progress.get(id)?.completeUntil ?? null) !== null)
    const { completeUntil: until } = await completeUntil(asked, since)
    for (const source of sources) {
      const gap = progress.get(source.id)?.gaps.find((g) => !g.filled && (g.until === null || g.until > since))
      if (gap)
        return {
          until,
          gap: `the source ${source.name} was silent from ${gap.since.toISOString()} to ${gap.until?.toISOString() ?? "now"}.`,
        }
    }
    return { until, gap: null }
  },
}

/**
 * Grade A rests on the provider's own log, where that names the secret; grade B on every source that could show the old one.
 * The logs that are polled name none (their `provenance`), so they neither prove disuse nor hold a gate back.
 */
async function sourcesOf(grade: Grade): Promise<{ id: string; name: string }[]> {
  return db().source.findMany({
    where: { enabled: true, kind: grade === "A" ? "local_idp" : { not: "provider" } },
    select: { id: true, name: true },
  })
}

async function lastSeen(fingerprints: readonly string[], servicesOnly: boolean): Promise<Date | null> {
  const uses = await secretLastSeen(fingerprints, new Date(Date.now() - lookBackMs), { servicesOnly })
  const seen = [...uses.values()].map((use) => use.last_seen.getTime())
  return seen.length === 0 ? null : new Date(Math.max(...seen))
}
