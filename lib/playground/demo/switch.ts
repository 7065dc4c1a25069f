import "server-only"
import { z } from "zod"
import type { Actor } from "../../auth/actor.ts"
import { authorize } from "../../auth/permissions.ts"
import { db } from "../../db/client.ts"
import { withTx } from "../../db/tx.ts"
import { removeEventsOfClients } from "../../events/forget.ts"
import { record } from "../../trail/record.ts"
import { demoClients } from "./layout.ts"

const key = "demo"
const phases = ["off", "starting", "running", "removing", "failed"] as const

/** `enabled` is what people want, `phase` what the fleet's process last said of itself. */
const stateSchema = z.object({ enabled: z.boolean(), phase: z.enum(phases), message: z.string().nullable() })
export type DemoState = z.infer<typeof stateSchema>
export const phaseInput = z.strictObject({ phase: z.enum(phases), message: z.string().max(500).nullish() })

const off: DemoState = { enabled: false, phase: "off", message: null }

export async function demoState(): Promise<DemoState> {
  const row = await db().setting.findUnique({ where: { key } })
  return row ? stateSchema.parse(row.value) : off
}

export async function getDemo(actor: Actor): Promise<DemoState> {
  authorize(actor, "registry:read")
  return demoState()
}

/** One click starts the demo fleet, one click removes it with its clients and its events. The fleet's process acts on it. */
export async function setDemo(actor: Actor, enabled: boolean): Promise<DemoState> {
  authorize(actor, "settings:write")
  return withTx(async (tx) => {
    const row = await tx.setting.findUnique({ where: { key } })
    const before = row ? stateSchema.parse(row.value) : off
    if (before.enabled === enabled) return before
    const after: DemoState = { enabled, phase: enabled ? "starting" : "removing", message: null }
    await tx.setting.upsert({
      where: { key },
      create: { key, value: after },
      update: { value: after, version: { increment: 1 } },
    })
    await record(tx, {
      actor,
      action: enabled ? "demo.start" : "demo.remove",
      target: { kind: "setting", id: key, name: "Demo fleet" },
    })
    return after
  })
}

/**
 * The fleet's own word on where it is. When it says that the demo is off, the provider's lines about the demo's clients go
 * too: the demo's own source was removed with its events before.
 */
export async function setDemoPhase(actor: Actor, input: z.infer<typeof phaseInput>): Promise<DemoState> {
  authorize(actor, "settings:write")
  if (input.phase === "off") await forgetClients()
  const after: DemoState = { ...(await demoState()), phase: input.phase, message: input.message ?? null }
  await db().setting.upsert({
    where: { key },
    create: { key, value: after },
    update: { value: after, version: { increment: 1 } },
  })
  return after
}

/**
 * Only what the local provider and the fleet told: of other sources a client of the same name is somebody's own. So is one
 * that the registry holds now, since the demo's are gone from it.
 */
async function forgetClients(): Promise<void> {
  const names = Object.values(demoClients).map(({ name }) => name)
  const own = await db().client.findMany({ where: { name: { in: names } }, select: { name: true } })
  const sources = await db().source.findMany({ where: { kind: { in: ["local_idp", "demo"] } }, select: { id: true } })
  await removeEventsOfClients(
    names.filter((name) => !own.some((client) => client.name === name)),
    sources.map(({ id }) => id),
  )
}
