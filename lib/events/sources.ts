import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { type ApiTokenView, createApiToken } from "../auth/api-tokens.ts"
import { authorize, may } from "../auth/permissions.ts"
import { refuseProviderLog, speaksForItself } from "../auth/provider-log.ts"
import { conflict, forbidden, notFound, staleEtag } from "../base/errors.ts"
import { db } from "../db/client.ts"
import { isUniqueViolation } from "../db/trouble.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { silentSecondsBounds } from "./limits.ts"
import { removeEventsOf } from "./remove.ts"
import { forgetSource } from "./source-of.ts"
import { makeSource, recordView } from "./source-store.ts"
import { loadSource, noProgress, sourceView, type SourceView } from "./source-view.ts"
import { advanceWatermark } from "./watermark.ts"

const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]*$/, { error: "Letters, digits, space, dot, dash and underscore." })
const silentAfter = z.int().min(silentSecondsBounds.min).max(silentSecondsBounds.max).nullable()

export const sourceInput = z.strictObject({
  name,
  /** The logs of providers are made by Grantry itself: a rotation may rest on what they say. */
  kind: z.enum(["push", "demo"]).default("push"),
  silent_after_seconds: silentAfter.optional(),
})
export const sourcePatch = z.strictObject({
  name: name.optional(),
  silent_after_seconds: silentAfter.optional(),
  enabled: z.boolean().optional(),
})
export const heartbeatInput = z.strictObject({ complete_until: z.iso.datetime({ offset: true }).optional() })

export async function createSource(actor: Actor, input: z.infer<typeof sourceInput>): Promise<SourceView> {
  authorize(actor, "settings:write")
  const row = await makeSource(actor, input)
  return sourceView(row, noProgress, new Date())
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
  forgetSource(id)
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
  refuseProviderLog(await withProvider(found), "remove")
  forgetSource(id)
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
    forgetSource(id)
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

/** The local provider's source does not name it: there is one of each. */
async function withProvider(source: { readonly kind: string; readonly providerId: string | null }) {
  if (source.kind !== "local_idp") return source
  const local = await db().provider.findFirst({ where: { kind: "local" }, select: { id: true } })
  return { kind: source.kind, providerId: local?.id ?? null }
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

/**
 * A source says that everything up to `complete_until` (now, when left out) was sent. Its own token may, and who may change
 * sources; of a provider's log the provider alone.
 */
export async function heartbeat(
  actor: Actor,
  id: string,
  input: z.infer<typeof heartbeatInput>,
  now = new Date(),
): Promise<{ source_id: string; complete_until: string }> {
  const own = actor.sourceId === id && may(actor, "events:write")
  if (!own && !may(actor, "settings:write")) throw forbidden("events:write")
  const source = await db().source.findUnique({ where: { id }, select: { kind: true, providerId: true } })
  if (!source) throw notFound("source", id)
  if (!(own && speaksForItself(source))) refuseProviderLog(source, "send")
  const reached = await advanceWatermark(id, input.complete_until ? new Date(input.complete_until) : now, now)
  return { source_id: id, complete_until: reached.toISOString() }
}
