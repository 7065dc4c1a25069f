import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { type ApiTokenView, createApiToken } from "../auth/api_tokens.ts"
import { authorize, may } from "../auth/permissions.ts"
import { systemActor } from "../auth/system.ts"
import { conflict, forbidden, notFound, Refused, staleEtag } from "../base/errors.ts"
import { newId } from "../base/id.ts"
import { secondMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { isUniqueViolation } from "../db/trouble.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { removeEventsOf } from "./remove.ts"
import { advanceWatermark, type Progress, progressOf } from "./watermark.ts"

const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, { error: "Letters, digits, space, dot, dash and underscore." })
const silentAfter = z
  .int()
  .min(10)
  .max(30 * 86_400)
  .nullable()

export const sourceInput = z.strictObject({
  name,
  kind: z.enum(["push", "local_idp", "demo"]).default("push"),
  silent_after_seconds: silentAfter.optional(),
})
export const sourcePatch = z.strictObject({
  name: name.optional(),
  silent_after_seconds: silentAfter.optional(),
  enabled: z.boolean().optional(),
})
export const heartbeatInput = z.strictObject({ complete_until: z.iso.datetime({ offset: true }).optional() })

interface Row {
  id: string
  name: string
  kind: string
  silentAfterSeconds: number | null
  enabled: boolean
  createdBy: string
  createdAt: Date
  version: number
}

const text = (at: Date | null): string | null => at?.toISOString() ?? null

/** `waiting` for its first event, `live`, `silent` for longer than its limit, or `disabled`. */
function stateOf(row: Row, p: Progress, now: Date): "waiting" | "live" | "silent" | "disabled" {
  if (!row.enabled) return "disabled"
  const signs = [p.lastReceivedAt, p.heartbeatAt].filter((at) => at !== null).map((at) => at.getTime())
  if (signs.length === 0) return "waiting"
  return row.silentAfterSeconds !== null && now.getTime() - Math.max(...signs) > row.silentAfterSeconds * secondMs
    ? "silent"
    : "live"
}

const recordView = (row: Row) => ({
  id: row.id,
  name: row.name,
  kind: row.kind,
  silent_after_seconds: row.silentAfterSeconds,
  enabled: row.enabled,
  created_by: row.createdBy,
  created_at: row.createdAt.toISOString(),
  version: row.version,
})

function view(row: Row, p: Progress, now: Date) {
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
export type SourceView = ReturnType<typeof view>

const empty: Progress = {
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
    items: shown.map((r) => view(r, progress.get(r.id) ?? empty, now)),
    next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null,
  }
}

export async function getSource(actor: Actor, id: string): Promise<SourceView> {
  authorize(actor, "events:read")
  return loadSource(id)
}

async function loadSource(id: string): Promise<SourceView> {
  const row = await db().source.findUnique({ where: { id } })
  if (!row) throw notFound("source", id)
  return view(row, (await progressOf([id])).get(id) ?? empty, new Date())
}

export async function createSource(actor: Actor, input: z.infer<typeof sourceInput>): Promise<SourceView> {
  authorize(actor, "settings:write")
  const row = await make(actor, input)
  return view(row, empty, new Date())
}

async function make(actor: Actor, input: z.infer<typeof sourceInput>): Promise<Row> {
  try {
    return await withTx(async (tx) => {
      const made = await tx.source.create({
        data: {
          id: newId(),
          name: input.name,
          kind: input.kind,
          silentAfterSeconds: input.silent_after_seconds ?? null,
          createdBy: actor.name,
        },
      })
      await record(tx, {
        actor,
        action: "source.create",
        target: { kind: "source", id: made.id, name: made.name },
        after: recordView(made),
      })
      return made
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict("name_taken", `There is a source named ${input.name} already.`)
    throw error
  }
}

export async function updateSource(
  actor: Actor,
  id: string,
  patch: z.infer<typeof sourcePatch>,
  ifMatch: number | null,
): Promise<SourceView> {
  authorize(actor, "settings:write")
  try {
    await withTx(async (tx) => {
      const before = await tx.source.findUnique({ where: { id } })
      if (!before) throw notFound("source", id)
      if (ifMatch !== null && ifMatch !== before.version) throw staleEtag(String(before.version))
      const { count } = await tx.source.updateMany({
        where: { id, version: before.version },
        data: {
          name: patch.name ?? before.name,
          enabled: patch.enabled ?? before.enabled,
          silentAfterSeconds:
            patch.silent_after_seconds === undefined ? before.silentAfterSeconds : patch.silent_after_seconds,
          version: { increment: 1 },
        },
      })
      if (count === 0) throw staleEtag(String(before.version))
      const after = await tx.source.findUniqueOrThrow({ where: { id } })
      await record(tx, {
        actor,
        action: "source.update",
        target: { kind: "source", id, name: after.name },
        before: recordView(before),
        after: recordView(after),
      })
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw conflict("name_taken", `There is a source named ${patch.name ?? ""} already.`)
    throw error
  }
  known.delete(id)
  return loadSource(id)
}

/**
 * Removes a source and its push tokens; with `events`, everything that it ever sent first. Those are two transactions of two
 * kinds: when the process dies between, the source is still there and the deletion is sent again.
 */
export async function deleteSource(
  actor: Actor,
  id: string,
  options: { events: boolean; ifMatch: number | null },
): Promise<void> {
  authorize(actor, "settings:write")
  const found = await db().source.findUnique({ where: { id } })
  if (!found) throw notFound("source", id)
  if (options.ifMatch !== null && options.ifMatch !== found.version) throw staleEtag(String(found.version))
  known.delete(id)
  if (options.events) {
    // Switched off first, so that nothing is taken in while its events go.
    await withTx(async (tx) => {
      const { count } = await tx.source.updateMany({
        where: { id, enabled: true },
        data: { enabled: false, version: { increment: 1 } },
      })
      if (count > 0)
        await record(tx, {
          actor,
          action: "source.update",
          target: { kind: "source", id, name: found.name },
          before: recordView(found),
          after: { ...recordView(found), enabled: false },
        })
    })
    known.delete(id)
    await removeEventsOf(id)
  }
  await withTx(async (tx) => {
    const before = await tx.source.findUnique({ where: { id } })
    if (!before) throw notFound("source", id)
    await tx.source.delete({ where: { id } })
    await record(tx, {
      actor,
      action: "source.delete",
      target: { kind: "source", id, name: before.name },
      before: { ...recordView(before), events_removed: options.events },
    })
  })
}

/** An API token that may send this source's events, and nothing else. Its value is answered once. */
export async function createPushToken(
  actor: Actor,
  id: string,
  input: { name?: string | undefined; expires_at?: string | null | undefined },
): Promise<ApiTokenView & { token: string }> {
  authorize(actor, "settings:write")
  const source = await db().source.findUnique({ where: { id } })
  if (!source) throw notFound("source", id)
  return createApiToken(actor, {
    name: input.name ?? `${source.name} push`,
    permissions: ["events:write"],
    source_id: id,
    expires_at: input.expires_at,
  })
}

/** A source says that everything up to `complete_until` (now, when left out) was sent. Its own token may, and who may change sources. */
export async function heartbeat(
  actor: Actor,
  id: string,
  input: z.infer<typeof heartbeatInput>,
  now = new Date(),
): Promise<{ source_id: string; complete_until: string }> {
  if (!(actor.sourceId === id && may(actor, "events:write")) && !may(actor, "settings:write"))
    throw forbidden("events:write")
  if (!(await db().source.findUnique({ where: { id }, select: { id: true } }))) throw notFound("source", id)
  const reached = await advanceWatermark(id, input.complete_until ? new Date(input.complete_until) : now, now)
  return { source_id: id, complete_until: reached.toISOString() }
}

/** Events that come with a token that belongs to no source. */
const directName = "direct"
/** Source ids that were there and enabled, until when that is taken for granted. */
const known = new Map<string, number>()
const knownMs = 10 * secondMs
let directId: { id: string; until: number } | null = null

/** The source that this caller's events belong to. Throws Refused 403 when it is switched off. */
export async function sourceOf(actor: Actor): Promise<string> {
  authorize(actor, "events:write")
  const id = actor.sourceId ?? (await direct())
  if ((known.get(id) ?? 0) > Date.now()) return id
  const source = await db().source.findUnique({ where: { id }, select: { enabled: true } })
  if (!source) throw new Refused("source_gone", "The source of this token was removed.", { status: 403 })
  if (!source.enabled)
    throw new Refused("source_disabled", "The source of this token is switched off.", { status: 403 })
  known.set(id, Date.now() + knownMs)
  return id
}

async function direct(): Promise<string> {
  if (directId && directId.until > Date.now()) return directId.id
  const find = () => db().source.findUnique({ where: { name: directName }, select: { id: true } })
  const id =
    (await find())?.id ??
    (
      await make(systemActor("ingest"), { name: directName, kind: "push" }).catch(
        async (error: unknown) => (await find()) ?? Promise.reject(error),
      )
    ).id
  directId = { id, until: Date.now() + knownMs }
  return id
}
