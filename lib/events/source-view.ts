import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { notFound } from "../base/errors.ts"
import { secondMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { recordView, type SourceRow } from "./source-store.ts"
import { type Progress, progressOf } from "./watermark.ts"

const text = (at: Date | null): string | null => at?.toISOString() ?? null

/** `waiting` for its first event, `live`, `silent` for longer than its limit, or `disabled`. */
function stateOf(row: SourceRow, p: Progress, now: Date): "waiting" | "live" | "silent" | "disabled" {
  if (!row.enabled) return "disabled"
  const signs = [p.lastReceivedAt, p.heartbeatAt].filter((at) => at !== null).map((at) => at.getTime())
  if (signs.length === 0) return "waiting"
  return row.silentAfterSeconds !== null && now.getTime() - Math.max(...signs) > row.silentAfterSeconds * secondMs
    ? "silent"
    : "live"
}

export function sourceView(row: SourceRow, p: Progress, now: Date) {
  return {
    ...recordView(row),
    state: stateOf(row, p, now),
    last_event_at: text(p.lastEventAt),
    last_received_at: text(p.lastReceivedAt),
    heartbeat_at: text(p.heartbeatAt),
    complete_until: text(p.completeUntil),
    stored: p.stored,
    duplicates: p.duplicates,
    rejected: p.rejected,
    gaps: p.gaps.map((g) => ({ since: g.since.toISOString(), until: text(g.until), filled: g.filled })),
  }
}
export type SourceView = ReturnType<typeof sourceView>

/** Of a source that never sent anything. */
export const noProgress: Progress = {
  lastEventAt: null,
  lastReceivedAt: null,
  heartbeatAt: null,
  completeUntil: null,
  stored: 0,
  duplicates: 0,
  rejected: 0,
  gaps: [],
}

/** Oldest first, after the id `cursor`. */
export async function listSources(
  actor: Actor,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ items: SourceView[]; next: string | null }> {
  authorize(actor, "events:read")
  const rows = await db().source.findMany({
    where: page.cursor ? { id: { gt: page.cursor } } : {},
    orderBy: { id: "asc" },
    take: page.limit + 1,
  })
  const shown = rows.slice(0, page.limit)
  const progress = await progressOf(shown.map((r) => r.id))
  const now = new Date()
  return {
    items: shown.map((r) => sourceView(r, progress.get(r.id) ?? noProgress, now)),
    next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

export async function getSource(actor: Actor, id: string): Promise<SourceView> {
  authorize(actor, "events:read")
  return loadSource(id)
}

/** Without asking who: for commands that have authorised. */
export async function loadSource(id: string): Promise<SourceView> {
  const row = await db().source.findUnique({ where: { id } })
  if (!row) throw notFound("source", id)
  return sourceView(row, (await progressOf([id])).get(id) ?? noProgress, new Date())
}
