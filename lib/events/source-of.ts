import "server-only"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { refuseProviderLog, speaksForItself } from "../auth/provider-log.ts"
import { systemActor } from "../auth/system.ts"
import { Refused } from "../base/errors.ts"
import { secondMs } from "../base/time.ts"
import { db } from "../db/client.ts"
import { makeSource } from "./source-store.ts"

/** Events that come with a token that belongs to no source. */
const directName = "direct"
/** Source ids that were there and enabled, until when that is taken for granted. */
const known = new Map<string, number>()
const knownMs = 10 * secondMs
let directId: { id: string; until: number } | null = null

/** The source that this caller's events belong to. Throws Refused 403 when it is switched off, 409 for a provider's log. */
export async function sourceOf(actor: Actor): Promise<string> {
  authorize(actor, "events:write")
  const id = actor.sourceId ?? (await direct())
  if ((known.get(id) ?? 0) > Date.now()) return id
  const source = await db().source.findUnique({
    where: { id },
    select: { enabled: true, kind: true, providerId: true },
  })
  if (!source) throw new Refused("source_gone", "The source of this token was removed.", { status: 403 })
  if (!source.enabled)
    throw new Refused("source_disabled", "The source of this token is switched off.", { status: 403 })
  if (!speaksForItself(source)) refuseProviderLog(source, "send")
  known.set(id, Date.now() + knownMs)
  return id
}

async function direct(): Promise<string> {
  if (directId && directId.until > Date.now()) return directId.id
  const find = () => db().source.findUnique({ where: { name: directName }, select: { id: true } })
  const id =
    (await find())?.id ??
    (
      await makeSource(systemActor("ingest"), { name: directName, kind: "push" }).catch(
        async (error: unknown) => (await find()) ?? Promise.reject(error),
      )
    ).id
  directId = { id, until: Date.now() + knownMs }
  return id
}

/** To be called when a source changed: its next events ask the database again. */
export const forgetSource = (id: string): boolean => known.delete(id)
