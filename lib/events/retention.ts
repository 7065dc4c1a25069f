import "server-only"
import { z } from "zod"
import type { Actor } from "../auth/actor.ts"
import { authorize } from "../auth/permissions.ts"
import { staleEtag } from "../base/errors.ts"
import { db } from "../db/client.ts"
import { withTx } from "../db/tx.ts"
import { record } from "../trail/record.ts"
import { diskUse, type DiskUse } from "./jobs.ts"
import { retentionDaysBounds, retentionDaysDefault } from "./limits.ts"

const key = "events.retention"
const stored = z.object({ retention_days: z.int() })
export const retentionInput = z.strictObject({
  retention_days: z.int().min(retentionDaysBounds.min).max(retentionDaysBounds.max),
})

/** Read at most each 30 s: ingestion asks for it with every batch. */
const freshMs = 30_000
let cached: { days: number; until: number } | null = null

export async function retentionDays(): Promise<number> {
  if (cached && cached.until > Date.now()) return cached.days
  const row = await db().setting.findUnique({ where: { key } })
  const days = stored.safeParse(row?.value).data?.retention_days ?? retentionDaysDefault
  cached = { days, until: Date.now() + freshMs }
  return days
}

export interface RetentionView {
  readonly retention_days: number
  readonly version: number
  readonly disk: DiskUse
}

export async function getRetention(actor: Actor): Promise<RetentionView> {
  authorize(actor, "settings:read")
  const row = await db().setting.findUnique({ where: { key } })
  return {
    retention_days: stored.safeParse(row?.value).data?.retention_days ?? retentionDaysDefault,
    version: row?.version ?? 0,
    disk: await diskUse(),
  }
}

/** The next run of `dropExpired` follows it. */
export async function setRetention(
  actor: Actor,
  input: z.infer<typeof retentionInput>,
  ifMatch: number | null,
): Promise<RetentionView> {
  authorize(actor, "settings:write")
  await withTx(async (tx) => {
    const before = await tx.setting.findUnique({ where: { key } })
    if (ifMatch !== null && ifMatch !== (before?.version ?? 0)) throw staleEtag(String(before?.version ?? 0))
    await tx.setting.upsert({
      where: { key },
      create: { key, value: input },
      update: { value: input, version: { increment: 1 } },
    })
    await record(tx, {
      actor,
      action: "setting.update",
      target: { kind: "setting", id: key, name: key },
      before: before?.value ?? null,
      after: input,
    })
  })
  cached = null
  return getRetention({ ...actor, permissions: new Set([...actor.permissions, "settings:read"]) })
}
